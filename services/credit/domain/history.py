"""How a grade came to be, and what time will do to it: each change of a file's grade with what caused it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from services.credit.domain.grade import Contribution
from services.credit.domain.past import ACTS_UNLINKED, STATED, WITHDRAWN, PastEvent, PastFile
from services.credit.domain.rules import RuleBook
from services.credit.domain.running_grade import Level, Part, RunningGrade

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
    before: Level | None
    after: Level
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
    is_graded: bool,
    day_of: DayOf,
) -> Iterator[Change]:
    """Every change of letter or score from the first event of an enterprise to today, in order.

    `file` is its empty file, `events` all its events by version, `activations` the rule books by instant. One that is not
    graded here is unrated from its first event on.
    """
    pages: list[tuple[datetime, Sequence[PastEvent], RuleBook | None]] = [
        (page[-1].recorded_at, page, None) for page in _pages(events)
    ]
    first = pages[0][0]
    in_force = [each for each in activations if each.since <= first] or list(activations[:1])
    later: list[tuple[datetime, Sequence[PastEvent], RuleBook | None]] = [
        (each.since, (), each.book) for each in activations if each.since > first
    ]
    running = RunningGrade(in_force[-1].book, day_of(first))
    before: Level | None = None
    for instant, page, activated in sorted([*pages, *later], key=lambda step: step[0]):
        day = day_of(instant)
        yield from _passing(running, day, file.version)
        before = None if file.version == 0 else running.level
        for event in page:
            file.take(event)
        if activated:
            former, running = running, RunningGrade(activated, day, file.facts.values() if is_graded else ())
            parts = _compared(former.parts, running.parts)
        else:
            told = {event.record_id for event in page if event.record_id is not None and is_graded}
            if told and (file.links or any(event.type == ACTS_UNLINKED for event in page)):
                told |= (
                    file.facts.keys()
                )  # one record's change may move what others do to the act they are linked in
            for record_id in told:
                running.put(record_id, file.facts.get(record_id))
            parts = running.differences()
        found, after = differences(parts), running.level
        if before is None or _differs(before, after):
            cause = Cause.RULEBOOK if activated else _cause_of(page)
            yield Change(day, instant, file.version, cause, running.book.id, before, after, found)
    yield from _passing(running, today, file.version)


def steps_ahead(running: RunningGrade) -> Iterator[tuple[date, Level, tuple[Difference, ...]]]:
    """What time alone will do to a grade, step by step, while the file stays as it is."""
    while (day := running.next_change_on) is not None:
        running.move(day)
        if found := differences(running.differences()):
            yield day, running.level, found


def differences(parts: Iterable[tuple[str, Part | None, Part | None]]) -> tuple[Difference, ...]:
    """What changed of records' parts, given before and after: points first, then vetoes, each in order of occurrence, what
    is over last."""
    known = list(parts)
    later = sorted(
        (after.occurred_on, record_id, before, after) for record_id, before, after in known if after
    )
    ended = sorted((before.occurred_on, record_id, before) for record_id, before, _ in known if before)
    continuing = {record_id: after for record_id, _, after in known if after}
    found = [
        _difference(_contribution(before), after.contribution)
        for _, _, before, after in later
        if after.contribution and _points(_contribution(before)) != after.contribution.points
    ]
    found += [
        _difference(before.contribution, None)
        for _, record_id, before in ended
        if before.contribution and not _contribution(continuing.get(record_id))
    ]
    vetoes = [
        Difference(record_id, Turn.VETO_BEGINS, None, None, None, after.veto.rule, after.veto.basis)
        for _, record_id, before, after in later
        if after.veto and not (before and before.veto)
    ]
    vetoes += [
        Difference(record_id, Turn.VETO_ENDS, None, None, None, before.veto.rule, before.veto.basis)
        for _, record_id, before in ended
        if before.veto and not ((now := continuing.get(record_id)) and now.veto)
    ]
    return (*found, *vetoes)


def _compared(
    before: Mapping[str, Part], after: Mapping[str, Part]
) -> Iterator[tuple[str, Part | None, Part | None]]:
    return (
        (record_id, before.get(record_id), after.get(record_id)) for record_id in before.keys() | after.keys()
    )


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


def _passing(running: RunningGrade, until: date, version: int) -> Iterator[Change]:
    """The changes that time makes up to a day, which is included."""
    while (day := running.next_change_on) is not None and day <= until:
        before = running.level
        running.move(day)
        found, after = differences(running.differences()), running.level
        if _differs(before, after):
            yield Change(day, None, version, Cause.TIME, running.book.id, before, after, found)
    running.move(until)


def _differs(before: Level, after: Level) -> bool:
    return (before.letter, before.score) != (after.letter, after.score)


def _contribution(part: Part | None) -> Contribution | None:
    return part.contribution if part else None


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
