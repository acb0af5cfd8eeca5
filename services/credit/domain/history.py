"""How a grade came to be, and what time will do to it: each change of a file's grade with what caused it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from services.credit.domain.facts import Fact
from services.credit.domain.grade import Contribution, Grade, Veto
from services.credit.domain.past import STATED, WITHDRAWN, PastEvent, PastFile
from services.credit.domain.rules import RuleBook

Grading = Callable[[Sequence[Fact], RuleBook, date], Grade]
DayOf = Callable[[datetime], date]

ONE_PAGE: Final = timedelta(milliseconds=1)
"""Events of an enterprise that are told closer together than this came in one page: nobody saw what lay between."""


class Cause(StrEnum):
    """What changed a grade (变动原因)."""

    RECORDS = "records"
    REMEDY = "remedy"
    TIME = "time"
    RULEBOOK = "rulebook"


class Turn(StrEnum):
    """What becomes of one record's part in a grade (影响变化)."""

    BEGINS = "begins"
    FADES = "fades"
    CHANGES = "changes"
    ENDS = "ends"
    VETO_BEGINS = "veto_begins"
    VETO_ENDS = "veto_ends"


class Difference(NamedTuple):
    """One record's part in a grade that differs from before; points in hundredths, None where it has none."""

    record_id: str
    turn: Turn
    pillar: str | None
    before: int | None
    after: int | None
    rule: str
    basis: str


class Change(NamedTuple):
    """A step of a grade: the day on which it holds, the instant at which it was recorded (none where time alone did it)."""

    on: date
    recorded_at: datetime | None
    enterprise_version: int
    cause: Cause
    rulebook: str
    before: Grade | None
    after: Grade
    differences: tuple[Difference, ...]


class Activation(NamedTuple):
    """A rule book that grades from an instant on."""

    since: datetime
    book: RuleBook


def changes_of(
    file: PastFile,
    events: Sequence[PastEvent],
    activations: Sequence[Activation],
    today: date,
    *,
    grading: Grading,
    day_of: DayOf,
) -> Iterator[Change]:
    """Every change of letter or score from the first event of an enterprise to today, in order.

    `file` is its empty file, `events` all its events by version, `activations` the rule books by instant.
    """
    pages: list[tuple[datetime, Sequence[PastEvent], RuleBook | None]] = [
        (page[-1].recorded_at, page, None) for page in _pages(events)
    ]
    first = pages[0][0]
    in_force = [each for each in activations if each.since <= first] or list(activations[:1])
    book = in_force[-1].book
    later: list[tuple[datetime, Sequence[PastEvent], RuleBook | None]] = [
        (each.since, (), each.book) for each in activations if each.since > first
    ]
    current: Grade | None = None
    since = day_of(first)
    for instant, page, activated in sorted([*pages, *later], key=lambda step: step[0]):
        day = day_of(instant)
        if current is not None and day > since:
            yield from _passing(file, book, since, day, grading)
            current = grading(list(file.facts.values()), book, day)
        for event in page:
            file.take(event)
        book, since = activated or book, day
        after = grading(list(file.facts.values()), book, day)
        if current is None or _differs(current, after):
            cause = Cause.RULEBOOK if activated else _cause_of(page)
            found = differences(current, after)
            yield Change(day, instant, file.version, cause, book.id, current, after, found)
        current = after
    yield from _passing(file, book, since, today, grading)


def steps_ahead(
    facts: Sequence[Fact], book: RuleBook, on: date, grading: Grading
) -> Iterator[tuple[date, Grade, tuple[Difference, ...]]]:
    """What time alone will do to a grade from a day on, step by step, while the file stays as it is."""
    current = grading(facts, book, on)
    while current.next_change_on is not None:
        day = current.next_change_on
        after = grading(facts, book, day)
        if found := differences(current, after):
            yield day, after, found
        current = after


def differences(before: Grade | None, after: Grade) -> tuple[Difference, ...]:
    """Each record whose part in two grades differs."""
    earlier = {part.record_id: part for part in before.contributions} if before else {}
    later = {part.record_id: part for part in after.contributions}
    found = [
        _difference(earlier.get(record_id), later.get(record_id))
        for record_id in [*later, *(each for each in earlier if each not in later)]
        if _points(earlier.get(record_id)) != _points(later.get(record_id))
    ]
    return (*found, *_veto_differences(before.vetoes if before else (), after.vetoes))


def _cause_of(page: Sequence[PastEvent]) -> Cause:
    """A page of steps of a remedy states no record: it lays or lifts the mark of one."""
    is_stated = any(event.type in STATED or event.type == WITHDRAWN for event in page)
    return Cause.REMEDY if not is_stated and any("mark" in event.data for event in page) else Cause.RECORDS


def _pages(events: Sequence[PastEvent]) -> Iterator[list[PastEvent]]:
    page: list[PastEvent] = []
    for event in events:
        if page and event.recorded_at - page[-1].recorded_at >= ONE_PAGE:
            yield page
            page = []
        page.append(event)
    if page:
        yield page


def _passing(file: PastFile, book: RuleBook, since: date, until: date, grading: Grading) -> Iterator[Change]:
    """The changes that time makes after a day up to another, which is included."""
    facts = list(file.facts.values())
    current = grading(facts, book, since)
    for day, after, found in steps_ahead(facts, book, since, grading):
        if day > until:
            return
        if _differs(current, after):
            yield Change(day, None, file.version, Cause.TIME, book.id, current, after, found)
        current = after


def _differs(before: Grade, after: Grade) -> bool:
    return (before.letter, before.score) != (after.letter, after.score)


def _points(part: Contribution | None) -> int | None:
    return part.points if part else None


def _difference(before: Contribution | None, after: Contribution | None) -> Difference:
    part = after or before
    assert part is not None  # noqa: S101 - the caller found the record in one of the two
    if before is None:
        turn = Turn.BEGINS
    elif after is None:
        turn = Turn.ENDS
    else:
        fades = abs(after.points) < abs(before.points) and after.rule == before.rule
        turn = Turn.FADES if fades else Turn.CHANGES
    return Difference(
        part.record_id, turn, part.pillar, _points(before), _points(after), part.rule, part.basis
    )


def _veto_differences(before: Sequence[Veto], after: Sequence[Veto]) -> Iterator[Difference]:
    earlier, later = {veto.record_id for veto in before}, {veto.record_id for veto in after}
    for veto in after:
        if veto.record_id not in earlier:
            yield Difference(veto.record_id, Turn.VETO_BEGINS, None, None, None, veto.rule, veto.basis)
    for veto in before:
        if veto.record_id not in later:
            yield Difference(veto.record_id, Turn.VETO_ENDS, None, None, None, veto.rule, veto.basis)
