"""Deadlines fall on the right day across 春节 and 国庆 with their make-up days, and say when they are estimated."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.calendar import CalendarFault, Period, deadline, load, read_notice, shipped

CALENDAR = shipped()
KNOWN = st.dates(date(2024, 1, 1), date(2026, 11, 1))
ANY_DAY = st.dates()
UNITS = st.sampled_from(["working_day", "calendar_day", "month", "year"])
PERIODS = st.builds(
    Period, st.integers(1, 400), UNITS, st.booleans(), st.sampled_from(["none", "next_working_day"])
)


def working_days(n, event_on, **how):
    return deadline(Period(n, "working_day", **how), event_on, CALENDAR)


@pytest.mark.parametrize(
    ("event_on", "n", "due_on"),
    [
        # 2026 春节: off 15 to 23 February, worked on Saturday 14 and Saturday 28
        (date(2026, 2, 12), 1, date(2026, 2, 13)),
        (date(2026, 2, 12), 2, date(2026, 2, 14)),
        (date(2026, 2, 12), 3, date(2026, 2, 24)),
        (date(2026, 2, 13), 5, date(2026, 2, 27)),
        (date(2026, 2, 13), 6, date(2026, 2, 28)),
        (date(2026, 2, 13), 7, date(2026, 3, 2)),
        # 2026 国庆: worked on Sunday 20 September, 中秋 off 25 to 27, 国庆 off 1 to 7 October, worked on Saturday 10
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 9, 24), 1, date(2026, 9, 28)),
        (date(2026, 9, 28), 3, date(2026, 10, 8)),
        (date(2026, 9, 28), 5, date(2026, 10, 10)),
        (date(2026, 9, 28), 7, date(2026, 10, 13)),
        # 2025 春节: off 28 January to 4 February, worked on Sunday 26 January and Saturday 8 February
        (date(2025, 1, 24), 3, date(2025, 2, 5)),
        (date(2025, 1, 24), 7, date(2025, 2, 10)),
        # 2025 国庆 with 中秋: off 1 to 8 October, worked on Sunday 28 September and Saturday 11 October
        (date(2025, 9, 26), 3, date(2025, 9, 30)),
        (date(2025, 9, 26), 7, date(2025, 10, 13)),
        # 2024 春节: off 10 to 17 February, worked on Sundays 4 and 18; New Year's Eve is worked
        (date(2024, 2, 2), 7, date(2024, 2, 18)),
        # 2024 国庆: worked on Sunday 29 September and Saturday 12 October
        (date(2024, 9, 27), 3, date(2024, 10, 8)),
        (date(2024, 9, 27), 7, date(2024, 10, 12)),
    ],
)
def test_working_days_are_counted_by_the_notice_of_the_year(event_on, n, due_on):
    assert working_days(n, event_on) == (due_on, False)


def test_the_shipped_years_are_worked_as_many_days_as_the_law_gives():
    def count(year):
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        return sum(CALENDAR.is_worked(day) for day in days if day.year == year)

    # 366 days - 104 weekend days - 11 days off by law; from 2025 on the law gives 13
    assert [count(year) for year in (2024, 2025, 2026)] == [251, 248, 248]


@pytest.mark.parametrize(
    ("period", "event_on", "due_on"),
    [
        (Period(15, "calendar_day"), date(2026, 9, 18), date(2026, 10, 3)),
        (Period(15, "calendar_day", roll="next_working_day"), date(2026, 9, 18), date(2026, 10, 8)),
        (Period(15, "calendar_day", starts_after=False), date(2026, 9, 18), date(2026, 10, 2)),
        (Period(3, "month"), date(2025, 11, 30), date(2026, 2, 28)),
        (Period(3, "month", roll="next_working_day"), date(2025, 11, 17), date(2026, 2, 24)),
        (Period(1, "year"), date(2024, 2, 29), date(2025, 2, 28)),
        (Period(1, "year", starts_after=False), date(2025, 3, 2), date(2026, 3, 1)),
        (Period(1, "working_day", starts_after=False), date(2026, 2, 14), date(2026, 2, 14)),
    ],
)
def test_other_units_end_on_their_corresponding_day(period, event_on, due_on):
    assert deadline(period, event_on, CALENDAR).due_on == due_on


@pytest.mark.parametrize(
    ("event_on", "n", "is_estimated"),
    [
        (date(2026, 12, 14), 7, False),
        (date(2026, 12, 14), 8, True),
        (date(2026, 12, 30), 5, True),
        (date(2023, 12, 20), 3, True),
        (date(2025, 12, 29), 5, False),
    ],
)
def test_a_deadline_that_needs_a_year_that_is_not_loaded_is_estimated(event_on, n, is_estimated):
    # the last week of December waits for the next year's notice, which may move its days
    assert working_days(n, event_on).is_estimated == is_estimated


def test_an_operator_loads_a_further_year(tmp_path):
    (tmp_path / "2027.toml").write_text(
        'year = 2027\nsource = "演示"\n[[holidays]]\nname = "元旦"\nfirst = 2026-12-31\nlast = 2027-01-02\n'
        "worked = [2026-12-26]\n",
        encoding="utf-8",
    )
    calendar = load(tmp_path)
    assert deadline(Period(4, "working_day"), date(2026, 12, 25), calendar) == (date(2026, 12, 30), False)
    assert deadline(Period(5, "working_day"), date(2026, 12, 25), calendar) == (date(2027, 1, 4), False)
    assert load(None) is CALENDAR


HOLIDAY = '[[holidays]]\nname = "演示"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("year = ", "not TOML"),
        ("year = 2027", "source"),
        ('year = "2027"\nsource = "演示"', "year"),
        (f'year = 2027\nsource = "演示"\n{HOLIDAY}first = 2027-02-05\nlast = 2027-02-01', "no holiday"),
        (f'year = 2027\nsource = "演示"\n{HOLIDAY}first = 2028-02-05\nlast = 2028-02-06', "not of the notice"),
        (f'year = 2027\nsource = "演示"\n{HOLIDAY}first = 2027-02-05\nlast = 2027-02-06\nworked = [2027-02-08]', "make-up"),
        (f'year = 2027\nsource = "演示"\n{HOLIDAY}first = 2027-02-05\nlast = 2027-02-06\nworked = [2027-02-06]', "make-up"),
        (
            'year = 2027\nsource = "演示"\n' + (HOLIDAY + "first = 2027-02-05\nlast = 2027-02-06\n") * 2,
            "another holiday",
        ),
    ],
)  # fmt: skip
def test_a_file_that_contradicts_itself_is_refused(tmp_path, text, told):
    with pytest.raises(CalendarFault, match=told):
        read_notice(text)
    (tmp_path / "2027.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CalendarFault, match=r"2027\.toml"):
        load(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CalendarFault, match="no folder"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("wrong", [{"n": 0}, {"n": True}, {"n": 10**6}, {"unit": "week"}, {"roll": "back"}])
def test_a_period_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"n is|unknown"):
        Period(**({"n": 3, "unit": "month"} | wrong))


# --- laws


@given(KNOWN, st.integers(1, 60))
def test_between_an_event_and_its_deadline_lie_just_so_many_working_days(event_on, n):
    due_on, _ = working_days(n, event_on)
    passed = [event_on + timedelta(days=count) for count in range(1, (due_on - event_on).days + 1)]
    assert sum(CALENDAR.is_worked(day) for day in passed) == n
    assert CALENDAR.is_worked(due_on)


@given(PERIODS, ANY_DAY)
def test_a_deadline_is_never_before_its_event_and_never_fails(period, event_on):
    due_on, is_estimated = deadline(period, event_on, CALENDAR)
    assert due_on >= event_on
    if period.unit != "working_day" and period.roll == "none":
        assert not is_estimated


@given(PERIODS, ANY_DAY)
def test_a_deadline_without_an_estimate_rests_on_known_days_alone(period, event_on):
    due_on, is_estimated = deadline(period, event_on, CALENDAR)
    if period.unit == "working_day" and not is_estimated:
        assert CALENDAR.knows(due_on)


@given(PERIODS, ANY_DAY)
def test_a_later_event_never_ends_earlier(period, event_on):
    following = min(event_on, date.max - timedelta(days=1)) + timedelta(days=1)
    first, second = (deadline(period, day, CALENDAR).due_on for day in (event_on, following))
    assert first <= second


@given(PERIODS, ANY_DAY)
def test_a_rolled_deadline_is_a_working_day(period, event_on):
    due_on, _ = deadline(period, event_on, CALENDAR)
    if period.roll == "next_working_day" and due_on < date.max:
        assert CALENDAR.is_worked(due_on)
