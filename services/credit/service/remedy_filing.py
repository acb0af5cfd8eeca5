"""Filing a remedy on behalf of a firm: judged under the lock of the record's enterprise, answered once for each key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import msgspec
from sqlalchemy.exc import IntegrityError

from services.credit.domain.remedy import Course, Refused, Term
from services.credit.domain.rules import RuleBook
from services.credit.service.context import Credit
from services.credit.service.opened import opened_firms
from services.credit.service.remedies import (
    Act,
    Answer,
    Ends,
    answer,
    note_step,
    refused,
    set_ends,
    sound_day,
    under_lock,
)
from services.credit.service.remedy_rules import RemedyRules, rules_on
from services.credit.service.routing import Caller
from services.credit.store import records, remedies, responses
from services.credit.store.records import Statement
from services.credit.tables import RemedyCase, StoredResponse
from services.kernel.db import WriteSession
from services.kernel.idempotency import Key, refuse_other_body
from services.kernel.problems import Problem

_encode: Final = msgspec.json.Encoder().encode
BACKDATED: Final = timedelta(days=30)
"""How long before its filing here a firm may have handed something in."""


@dataclass(frozen=True)
class Found:
    """What a filing is judged by: the record, type and state of its cases, whether the caller decides, days, rules."""

    record: Statement
    states: list[tuple[str, str]]
    is_own: bool
    received_on: date
    today: date
    book: RuleBook
    rules: RemedyRules


@dataclass(frozen=True)
class Opening:
    """What a sound filing makes: state, event, the period that runs and from when, and the ends that it sets at once."""

    state: str
    event: str
    term: Term | None
    since: date | None
    ends: Ends = field(default_factory=Ends)


@dataclass(frozen=True)
class Filing:
    """What an agency files about a record; `plan` judges it."""

    course: Course
    record_id: str
    received_on: date | None
    details: Mapping[str, Any]
    plan: Callable[[Found], Opening | Refused]


class _Answered(Exception):  # noqa: N818 - not an error: the key has its answer already
    def __init__(self, held: StoredResponse) -> None:
        self.held = held


def file_case(credit: Credit, caller: Caller, filing: Filing, key: Key) -> Answer:
    """File a case; the same key with the same body gets the first answer again.

    Raises:
        Problem: `not_found` for a record that the caller may not see, or the code of the filing's plan.
    """
    try:
        try:
            return _file(credit, caller, filing, key)
        except IntegrityError:  # the key came twice at once: the second one finds the first one's answer
            return _file(credit, caller, filing, key)
    except _Answered as answered:
        held = answered.held
        refuse_other_body(key, held.fingerprint)
        return Answer(held.body.encode(), held.case_id, held.version)


def _file(credit: Credit, caller: Caller, filing: Filing, key: Key) -> Answer:
    now, course = credit.clock(), filing.course
    with credit.database.write("credit.remedy_filed") as session:
        seen = records.find_statement(session, filing.record_id)
        if seen is None or not _may_file(caller, seen):
            raise Problem("not_found")
        with opened_firms(
            credit, session, [seen.uscc], now, provider=caller.agency, cause=course.type
        ) as firms:
            if (held := responses.find(session, caller.agency, key.route, key.value)) is not None:
                raise _Answered(held)
            record = under_lock(session, filing.record_id, firms)
            received_on = sound_day(
                filing.received_on, caller.today - BACKDATED, caller.today, "/received_on"
            )
            opening = _opened(credit, session, caller, filing, record, received_on)
            case = _case(caller, course, record, opening, filing.details, received_on, now)
            note_step(
                credit, session, firms[record.uscc], record, case, course, opening.event,
                Act("file", filing.details), received_on, caller, now,
            )  # fmt: skip
            made = answer(credit, session, course, case, caller)
            responses.keep(session, stored_response(key, caller, made, now), now)
        return made


def _may_file(caller: Caller, record: Statement) -> bool:
    """An agency that may read the record takes in what a firm says of it, and so does the record's own provider."""
    is_own = caller.handler_of(record.provider, record.kind, record.region) == caller.agency
    return is_own or (record.current_version is not None and caller.reach.covers(record.kind, record.region))


def _opened(
    credit: Credit,
    session: WriteSession,
    caller: Caller,
    filing: Filing,
    record: Statement,
    received_on: date,
) -> Opening:
    if record.current_version is None:
        raise Problem("not_found")  # held or withdrawn: nothing is in force that could be wrong
    cases = remedies.of_record(session, record.record_id)
    found = Found(
        record=record,
        states=[(case.type, case.state) for case in cases],
        is_own=caller.handler_of(record.provider, record.kind, record.region) == caller.agency,
        received_on=received_on,
        today=caller.today,
        book=credit.rulebook(session),
        rules=rules_on(caller.today),
    )
    opening = filing.plan(found)
    if isinstance(opening, Refused):
        raise refused(opening)
    return opening


def _case(
    caller: Caller,
    course: Course,
    record: Statement,
    opening: Opening,
    details: Mapping[str, Any],
    received_on: date,
    now: datetime,
) -> RemedyCase:
    case = RemedyCase(
        id=uuid4().hex, type=course.type, uscc=record.uscc, record_id=record.record_id,
        record_version=record.current_version or record.version, kind=record.kind, region=record.region,
        filer=caller.agency, provider=record.provider, state=opening.state, version=0, received_on=received_on, filed_at=now,
        rules=rules_on(caller.today).id, term=opening.term.id if opening.term else None, since=opening.since,
        details=_encode(details).decode(),
    )  # fmt: skip
    set_ends(case, opening.ends)
    return case


def stored_response(key: Key, caller: Caller, made: Answer, now: datetime) -> StoredResponse:
    """What is kept of an answer under a key."""
    return StoredResponse(
        agency=caller.agency, route=key.route, key=key.value, fingerprint=key.fingerprint, case_id=made.case_id,
        version=made.version, body=made.body.decode(), created_at=now,
    )  # fmt: skip
