"""How a grade came to be: the steps that records, time and rule books make, each told once and in order."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.grade import grade
from services.credit.domain.history import Activation, Cause, Turn, changes_of, steps_ahead
from services.credit.domain.past import PastEvent, PastFile, file_at
from services.credit.domain.running_grade import RunningGrade
from services.kernel.clock import shanghai_day
from tests.filing import award, check, code_of, penalty

FIRM = code_of(1)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DEFAULTS = {
    "assertion": "determined", "effect": "final", "document_number": None, "authority": None, "valid_until": None, "parties": []
}  # fmt: skip


def told(version, recorded_at, record, *, withdrawn=False):
    data = DEFAULTS | record
    parties = [party | {"subject": {"uscc": FIRM}} for party in data["parties"]]
    kind = "record_withdrawn" if withdrawn else "record_upserted"
    record_id = record["source_record_id"]
    return PastEvent(kind, version, recorded_at, "430100", record_id, data | {"parties": parties})


def at(day, hour=1):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def changes(book, *events, activations=None, today=TODAY):
    books = activations or [Activation(BEGINNING, book)]
    return list(changes_of(PastFile(FIRM), events, books, today, is_graded=True, day_of=shanghai_day))


def steps(found):
    return [(change.on.isoformat(), change.cause, change.after.letter) for change in found]


def test_a_penalty_comes_fades_and_goes(book):
    found = changes(
        book,
        told(1, at(date(2026, 1, 10)), check(1, occurred_on="2026-01-02")),
        told(2, at(date(2026, 1, 20)), penalty(1, occurred_on="2025-04-02")),
    )
    assert steps(found) == [
        ("2026-01-10", Cause.RECORDS, "A"),
        ("2026-01-20", Cause.RECORDS, "B"),
        ("2026-04-03", Cause.TIME, "A"),
    ]
    assert [each.turn for each in found[-1].differences] == [Turn.ENDS]


def test_what_one_page_told_is_one_step(book):
    noon = at(date(2026, 1, 10))
    events = [told(n, noon + timedelta(microseconds=n), award(1, f"a-{n}")) for n in (1, 2, 3)]
    assert [change.enterprise_version for change in changes(book, *events)] == [3]


def test_a_withdrawal_is_told_with_the_record_that_fell(book):
    stated = penalty(1, occurred_on="2026-01-05")
    events = [
        told(1, at(date(2026, 1, 10)), check(1, occurred_on="2026-01-02")),
        told(2, at(date(2026, 1, 11)), stated),
        told(3, at(date(2026, 1, 12)), stated, withdrawn=True),
    ]
    last = changes(book, *events)[-1]
    assert (last.cause, last.before.letter, last.after.letter) == (Cause.RECORDS, "B", "A")
    assert [(each.record_id, each.turn) for each in last.differences] == [("p-1", Turn.ENDS)]


def test_an_objection_is_a_cause_of_its_own(book):
    objected = {"disputed": True, "published_until": None, "shared_until": None, "used_until": None}
    events = [
        told(1, at(date(2026, 1, 10)), check(1, occurred_on="2026-01-02")),
        told(2, at(date(2026, 1, 11)), penalty(1, occurred_on="2026-01-05")),
        PastEvent("objection_filed", 3, at(date(2026, 1, 12)), "430100", "p-1", {"mark": objected}),
    ]
    last = changes(book, *events)[-1]
    assert (last.cause, last.after.letter, last.after.provisional) == (Cause.REMEDY, "A", True)


def test_what_changes_nothing_is_no_step(book):
    events = [told(1, at(date(2026, 1, 10)), check(1, occurred_on="2026-01-02"))]
    events += [told(2, at(date(2026, 1, 11)), penalty(1, effect="not_final"))]
    assert len(changes(book, *events)) == 1


def test_another_rule_book_is_a_cause_of_its_own(book):
    harder = replace(
        book,
        id="harder",
        scale=tuple(
            replace(band, at_least=band.at_least + 1000 if band.at_least else 0) for band in book.scale
        ),
    )
    activations = [Activation(BEGINNING, book), Activation(at(date(2026, 3, 1)), harder)]
    found = changes(
        book, told(1, at(date(2026, 1, 10)), check(1, occurred_on="2026-01-02")), activations=activations
    )
    assert [(change.cause, change.rulebook, change.after.letter) for change in found] == [
        (Cause.RECORDS, "2026-01", "A"), (Cause.RULEBOOK, "harder", "B")
    ]  # fmt: skip


def test_what_lies_ahead_is_told_to_the_end(book):
    facts = list(
        file_at(FIRM, [told(1, BEGINNING, penalty(1, occurred_on="2026-03-02"))], BEGINNING).facts.values()
    )
    ahead = list(steps_ahead(RunningGrade(book, TODAY, facts)))
    assert [(day.isoformat(), after.letter) for day, after, _ in ahead] == [("2027-03-03", "unrated")]


records = st.lists(
    st.one_of(
        st.builds(
            lambda source, day, types: penalty(1, f"p{source}", str(day), types=types),
            st.integers(0, 3), st.dates(date(2022, 1, 1), date(2026, 11, 1)),
            st.sampled_from([("罚款",), ("没收违法所得",), ("责令停产停业",), ("警告",)]),
        ),
        st.builds(
            lambda source, day: check(1, f"c{source}", str(day)),
            st.integers(0, 5), st.dates(date(2022, 1, 1), date(2026, 11, 1)),
        ),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@given(records, st.data())
def test_the_steps_are_the_grades_of_every_day(book, stated, data):
    days = sorted(
        data.draw(st.lists(st.dates(date(2026, 1, 1), TODAY), min_size=len(stated), max_size=len(stated)))
    )
    events = [
        told(version, at(day) + timedelta(seconds=version), record)
        for version, (day, record) in enumerate(zip(days, stated, strict=True), 1)
    ]
    found = changes(book, *events)

    day = data.draw(st.dates(days[0], TODAY))
    end_of_day = at(day, 15)
    file = file_at(FIRM, events, end_of_day)
    expected = grade(list(file.facts.values()), book, day)
    held = [change.after for change in found if change.on <= day][-1]
    assert (held.letter, held.score) == (expected.letter, expected.score)


def parts_of(result):
    """What each record does in a grade: points and veto."""
    vetoes = {veto.record_id: veto.rule for veto in result.vetoes}
    return {line.record_id: (line.points, vetoes.get(line.record_id)) for line in result.contributions}


@given(records)
def test_no_step_lies_between_the_steps_ahead(book, stated):
    events = [
        told(version, BEGINNING + timedelta(seconds=version), record)
        for version, record in enumerate(stated, 1)
    ]
    facts = list(file_at(FIRM, events, TODAY_INSTANT).facts.values())
    held = parts_of(grade(facts, book, TODAY))
    for day, after, found in steps_ahead(RunningGrade(book, TODAY, facts)):
        graded = grade(facts, book, day)
        assert parts_of(grade(facts, book, day - timedelta(days=1))) == held
        assert (after.letter, after.score, after.provisional) == (
            graded.letter,
            graded.score,
            graded.provisional,
        )
        now = parts_of(graded)
        pointed = {each.record_id for each in found if each.turn not in {Turn.VETO_BEGINS, Turn.VETO_ENDS}}
        assert pointed == {one for one in held | now if held.get(one, [None])[0] != now.get(one, [None])[0]}
        held = now
    assert grade(facts, book, date.max).letter == "unrated"


TODAY_INSTANT = at(TODAY)
