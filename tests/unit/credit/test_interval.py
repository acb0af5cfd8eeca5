"""The three intervals of a record end independently, each by itself on its own day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.interval import Interval, RecordDays, intervals_of
from services.credit.domain.mark import Mark

DAYS = st.dates(date(2024, 1, 1), date(2030, 1, 1))
ENDS = st.one_of(st.none(), DAYS)
RECORDS = st.builds(RecordDays, ENDS, DAYS, DAYS, ENDS, ENDS, st.booleans())
MARKS = st.builds(Mark, st.booleans(), ENDS, ENDS, ENDS)


@given(RECORDS, MARKS)
def test_an_interval_ends_with_the_earlier_of_the_laws_end_and_the_repairs(days, mark):
    found = intervals_of(days, mark)
    assert (found.published is None) == (days.published_on is None)
    assert (found.used is None) == (not days.is_used)
    for interval, through, until in (
        (found.published, days.published_through, mark.published_until),
        (found.shared, None, mark.shared_until),
        (found.used, days.used_through, mark.used_until),
    ):
        if interval is not None:
            ends = [day for day in (through, until) if day]
            assert interval.until == (min(ends) if ends else None)


@given(RECORDS, MARKS, MARKS)
def test_what_ends_one_interval_leaves_the_others(days, mark, other):
    found = intervals_of(days, mark)
    assert intervals_of(days, mark._replace(published_until=other.published_until))[1:] == found[1:]
    assert intervals_of(days, mark._replace(shared_until=other.shared_until))[::2] == found[::2]
    assert intervals_of(days, mark._replace(used_until=other.used_until))[:2] == found[:2]


@given(DAYS, DAYS)
def test_an_interval_holds_through_its_last_day_and_no_longer(since, until):
    interval = Interval(since, until)
    assert interval.holds(until) == (since <= until)
    assert not interval.holds(until + timedelta(days=1))
    assert not interval.holds(since - timedelta(days=1))
    assert Interval(since, None).holds(date.max)
