"""Remedies at work: each step one transaction with the record's mark, its enterprise's grade and an event of the journal.

A case follows its record: the enterprise whose file holds the record is locked, told and graded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import msgspec

from services.credit.domain.mark import Mark, told_mark
from services.credit.domain.remedy import Course, Move, Refused, Role, Standing, advance
from services.credit.service import remedy_view
from services.credit.service.context import Credit
from services.credit.service.marking import mark_record
from services.credit.service.opened import opened_firms
from services.credit.service.record_days import intervals_shown
from services.credit.service.routing import Caller
from services.credit.service.workspace import Firm
from services.credit.store import records, remedies
from services.credit.store.records import Statement
from services.credit.tables import RemedyCase, RemedyStep
from services.kernel.db import AnySession, WriteSession
from services.kernel.problems import Problem

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Ends:
    """The last days on which a record is published, shared and used, where a decision sets them."""

    published_until: date | None = None
    shared_until: date | None = None
    used_until: date | None = None


@dataclass(frozen=True)
class Act:
    """A step that an agency takes in a case; `on` is the day of its document, today where it has none."""

    action: str
    details: Mapping[str, Any]
    on: date | None = None
    ends: Ends = field(default_factory=Ends)


@dataclass(frozen=True)
class Answer:
    """An answer as bytes, with the case's id and the version that its tag names."""

    body: bytes
    case_id: str
    version: int


def sound_day(given: date | None, earliest: date, latest: date, pointer: str) -> date:
    """A day that an agency states, `latest` where it states none.

    Raises:
        Problem: `parameter_invalid` for one outside the days that are possible.
    """
    if given is None:
        return latest
    if earliest <= given <= latest:
        return given
    code, message = (
        ("date_in_future", f"not after {latest}")
        if given > latest
        else ("date_too_early", f"not before {earliest}")
    )
    raise Problem("parameter_invalid", faults=[{"code": code, "field": pointer, "message": message}])


def refused(why: Refused) -> Problem:
    """The problem that tells a caller why something is refused."""
    return Problem(why.code, earliest_on=why.earliest_on) if why.earliest_on else Problem(why.code)


def may_see(credit: Credit, case: RemedyCase, caller: Caller) -> bool:
    """Whether a caller may know of a case: a party, or who may read its record."""
    return remedy_view.is_party(credit, case, caller) or caller.reach.covers(case.kind, case.region)


def take_step(
    credit: Credit, caller: Caller, course: Course, case_id: str, act: Act, is_current: Callable[[int], bool]
) -> Answer:
    """Take a step in a case; `is_current` says whether the caller knows the version at which the case stands.

    Raises:
        Problem: `not_found` for a case that the caller may not see, `precondition_failed`, or why the step is refused.
    """
    now = credit.clock()
    with credit.database.write("credit.remedy_advanced") as session:
        case = remedies.find(session, course.type, case_id)
        if case is None or not may_see(credit, case, caller):
            raise Problem("not_found")
        seen = records.find_statement(session, case.record_id)
        with opened_firms(
            credit, session, [seen.uscc] if seen else [], now, provider=caller.agency, cause=course.type
        ) as firms:
            session.refresh(case)
            record = under_lock(session, case.record_id, firms)
            if not is_current(case.version):
                raise Problem("precondition_failed")
            move = advance(course, _standing(credit, case, record, caller), act.action, _roles(case, caller))
            if isinstance(move, Refused):
                raise refused(move)
            on = sound_day(act.on, case.received_on, caller.today, "/decided_on")
            _apply(case, move, act, on)
            note_step(
                credit, session, firms[record.uscc], record, case, course, move.event, act, on, caller, now
            )
            return answer(credit, session, course, case, caller)


def under_lock(session: AnySession, record_id: str, firms: Mapping[str, Firm]) -> Statement:
    """The record as it stands now that its enterprise is locked.

    Raises:
        Problem: `service_unavailable` when it moved to another enterprise at this very moment.
    """
    record = records.find_statement(session, record_id)
    if record is None or record.uscc not in firms:
        raise Problem("service_unavailable", headers={"Retry-After": "1"})
    return record


def _roles(case: RemedyCase, caller: Caller) -> list[Role]:
    roles: list[Role] = []
    if caller.acts_for(case.filer, case.kind, case.region):
        roles.append("filer")
    if caller.agency == caller.handler_of(case.provider, case.kind, case.region):
        roles.append("handler")
    return roles


def _standing(credit: Credit, case: RemedyCase, record: Statement, caller: Caller) -> Standing:
    return Standing(
        state=case.state,
        is_extended=case.extended,
        is_overdue=remedy_view.is_overdue(credit, case, caller),
        has_record_changed=record.current_version is None or record.current_version > case.record_version,
    )


def _apply(case: RemedyCase, move: Move, act: Act, on: date) -> None:
    case.state = move.target
    case.extended = case.extended or move.in_time
    if move.term is None:
        case.term = case.since = None
    else:
        case.term = move.term.id
        case.since = on if move.term.starts_anew else case.since
    set_ends(case, act.ends)


def set_ends(case: RemedyCase, ends: Ends) -> None:
    """Keep the ends that a decision sets; what it does not name stays as it is."""
    case.published_until = ends.published_until or case.published_until
    case.shared_until = ends.shared_until or case.shared_until
    case.used_until = ends.used_until or case.used_until


def note_step(
    credit: Credit,
    session: WriteSession,
    firm: Firm,
    record: Statement,
    case: RemedyCase,
    course: Course,
    event: str,
    act: Act,
    on: date,
    caller: Caller,
    now: datetime,
) -> None:
    """Write a step of a case: the case, the record's mark, the event, and the step with the version that it made."""
    recorded_at = firm.tick(now)
    case.version += 1
    case.uscc = record.uscc
    if case.version == 1:
        case.filed_at = recorded_at
    if case.state not in course.open and case.closed_at is None:
        case.closed_at = recorded_at
    session.add(case)
    session.flush()
    mark = mark_record(session, firm, record, credit.rulebook(session))
    firm.emit(
        f"{course.type}_{event}", recorded_at, provider=caller.agency, data=_told(credit, case, act, on, mark), kind=record.kind,
        region=record.region, record_id=record.record_id, record_version=record.current_version or record.version,
    )  # fmt: skip
    session.add(
        RemedyStep(
            case_id=case.id, no=case.version, action=act.action, state=case.state, agency=caller.agency, on=on,
            recorded_at=recorded_at, enterprise_version=firm.state.version, details=_encode(act.details).decode(),
        )
    )  # fmt: skip
    session.flush()


def _told(credit: Credit, case: RemedyCase, act: Act, on: date, mark: Mark) -> dict[str, Any]:
    due = remedy_view.deadline_of(credit, case)
    return {
        "id": case.id, "state": case.state, "on": on, "filer": case.filer, "term": case.term,
        "due_on": due.due_on if due else None, "due_estimated": due.is_estimated if due else False, "rules": case.rules,
        "mark": told_mark(mark),
    } | {name: value for name, value in act.details.items() if name in remedy_view.OPEN_TO_ALL}  # fmt: skip


def answer(credit: Credit, session: AnySession, course: Course, case: RemedyCase, caller: Caller) -> Answer:
    """A case with its steps for a caller who may see it."""
    steps = remedies.steps_of(session, case.id)
    shown = remedy_view.show(credit, course, case, caller, steps)
    record = records.find_statement(session, case.record_id)
    shown["intervals"] = intervals_shown(credit, session, record, case) if record else None
    return Answer(_encode(shown), case.id, case.version)
