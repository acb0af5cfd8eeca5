"""Entering that firms merged, split, were succeeded or are branches: one transaction with an event in each firm's file.

No record and no grade moves. The codes of firms that cease point to their successors from then on; what was known before
stays what a past grade shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec
from sqlalchemy.exc import IntegrityError

from services.credit.domain.restructuring import EVENTS, UNDONE, RestructuringType, ends, fault_of
from services.credit.service.context import Credit
from services.credit.service.opened import opened_firms
from services.credit.store import responses, restructurings
from services.credit.store.restructurings import Sides
from services.credit.tables import Restructuring, StoredResponse
from services.kernel import regions
from services.kernel.clock import shanghai_day, to_wire
from services.kernel.db import AnySession, WriteSession
from services.kernel.idempotency import Key, refuse_other_body
from services.kernel.kinds import KINDS
from services.kernel.policy import Policy, Reach
from services.kernel.problems import Problem

REGISTER: Final = "enterprise_registration"
"""Who may state the register of a region may enter what became of its firms."""
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Officer:
    """Who enters an act: a person of an agency, by the policy of this moment."""

    username: str
    agency: str
    policy: Policy
    today: date

    def may_enter(self, region: str) -> bool:
        """Whether a firm of a region is the officer's to change: in the agency's territory and register."""
        held = self.policy.agency.get(self.agency)
        reach = Reach(self.policy.grants_of(self.agency, "push", self.today), KINDS)
        return held is not None and regions.within(region, held.region) and reach.covers(REGISTER, region)


@dataclass(frozen=True)
class Act:
    """What an officer enters, by which document of which day."""

    type: RestructuringType
    sides: Sides
    continues: bool
    on: date
    document_number: str
    note: str | None


@dataclass(frozen=True)
class Entered:
    """An answer as bytes, with the act's id and the version that its tag names."""

    body: bytes
    act_id: str
    version: int


class _Answered(Exception):  # noqa: N818 - not an error: the key has its answer already
    def __init__(self, held: StoredResponse) -> None:
        self.held = held


def restructure(credit: Credit, officer: Officer, act: Act, key: Key) -> Entered:
    """Enter an act; the same key with the same body gets the first answer again.

    Raises:
        Problem: `parameter_invalid` for firms that do not fit or have no file, `not_in_territory`, or
            `restructured_already` for a firm that has ceased by another act.
    """
    fault = fault_of(act.type, act.sides.first, act.sides.second, continues=act.continues)
    if fault is not None:
        raise _unfit("firms_unfit", fault)
    try:
        try:
            return _restructure(credit, officer, act, key)
        except IntegrityError:  # the key came twice at once: the second one finds the first one's answer
            return _restructure(credit, officer, act, key)
    except _Answered as answered:
        refuse_other_body(key, answered.held.fingerprint)
        return Entered(answered.held.body.encode(), answered.held.case_id, answered.held.version)


def _restructure(credit: Credit, officer: Officer, act: Act, key: Key) -> Entered:
    now = credit.clock()
    with credit.database.write("credit.restructuring_entered") as session:
        with opened_firms(
            credit, session, act.sides.all, now, provider=officer.agency, cause="records"
        ) as firms:
            if (held := responses.find(session, officer.agency, key.route, key.value)) is not None:
                raise _Answered(held)
            if unknown := [code for code in act.sides.all if code not in firms]:
                raise _unfit("enterprise_unknown", f"no file: {', '.join(unknown)}")
            if not all(officer.may_enter(firms[code].state.region) for code in act.sides.first):
                raise Problem("not_in_territory")
            is_end = ends(act.type, continues=act.continues)
            if is_end and any(firms[code].state.succeeded_by for code in act.sides.first):
                raise Problem("restructured_already")
            row = Restructuring(
                id=uuid4().hex, type=act.type, continues=act.continues, on=act.on, document_number=act.document_number,
                note=act.note, agency=officer.agency, officer=officer.username, recorded_at=now, version=1,
            )  # fmt: skip
            restructurings.add(session, row, act.sides)
            _tell(session, row, act.sides, firms, EVENTS[act.type], officer, now)
            made = Entered(_encode(show(row, act.sides)), row.id, row.version)
            responses.keep(session, _stored(key, officer, made, now), now)
        return made


def undo(
    credit: Credit, officer: Officer, act_id: str, reason: str, is_current: Callable[[int], bool]
) -> Entered:
    """Undo an act that was entered wrongly: its firms point to nobody by it any more, with an event in each file.

    Raises:
        Problem: `not_found`, `not_in_territory`, `precondition_failed`, or `restructuring_undone`.
    """
    now = credit.clock()
    with credit.database.write("credit.restructuring_undone") as session:
        row = restructurings.find(session, act_id)
        if row is None:
            raise Problem("not_found")
        sides = restructurings.sides_of(session, act_id)
        with opened_firms(credit, session, sides.all, now, provider=officer.agency, cause="records") as firms:
            session.refresh(row)
            if not all(officer.may_enter(firms[code].state.region) for code in sides.first):
                raise Problem("not_in_territory")
            if not is_current(row.version):
                raise Problem("precondition_failed")
            if row.undone_at is not None:
                raise Problem("restructuring_undone")
            row.undone_at, row.undone_by, row.undo_reason = now, officer.username, reason
            row.version += 1
            restructurings.close(session, row, sides)
            _tell(session, row, sides, firms, UNDONE, officer, now)
        return Entered(_encode(show(row, sides)), row.id, row.version)


def _tell(
    session: WriteSession,
    row: Restructuring,
    sides: Sides,
    firms: dict[str, Any],
    event: str,
    officer: Officer,
    now: datetime,
) -> None:
    """Point each firm to where it points now, and tell of the act in its file."""
    for code in sides.all:
        firm = firms[code]
        successors = restructurings.successors(session, code)
        firm.state.succeeded_by = ",".join(successors) or None
        told = {
            "id": row.id, "type": row.type, "on": row.on, "document_number": row.document_number, "from": sides.first,
            "to": sides.second, "continues": row.continues, "succeeded_by": successors,
        }  # fmt: skip
        firm.emit(
            event, firm.tick(now), provider=officer.agency, data=told, kind=REGISTER, region=firm.state.region,
            record_id=None, record_version=None,
        )  # fmt: skip


def show(row: Restructuring, sides: Sides) -> dict[str, Any]:
    """An act as its readers see it."""
    return {
        "id": row.id, "type": row.type, "from": sides.first, "to": sides.second, "continues": row.continues, "on": row.on,
        "document_number": row.document_number, "note": row.note, "agency": row.agency,
        "recorded_at": to_wire(row.recorded_at), "undone_at": to_wire(row.undone_at) if row.undone_at else None,
        "undo_reason": row.undo_reason, "version": row.version,
    }  # fmt: skip


def shown(session: AnySession, row: Restructuring) -> dict[str, Any]:
    """An act with its firms."""
    return show(row, restructurings.sides_of(session, row.id))


def officer_of(credit: Credit, username: str, agency: str, policy: Policy) -> Officer:
    """The officer behind a session, today."""
    return Officer(username, agency, policy, shanghai_day(credit.clock()))


def _unfit(code: str, message: str) -> Problem:
    return Problem("parameter_invalid", faults=[{"code": code, "field": "/from", "message": message}])


def _stored(key: Key, officer: Officer, made: Entered, now: datetime) -> StoredResponse:
    return StoredResponse(
        agency=officer.agency, route=key.route, key=key.value, fingerprint=key.fingerprint, case_id=made.act_id,
        version=made.version, body=made.body.decode(), created_at=now,
    )  # fmt: skip
