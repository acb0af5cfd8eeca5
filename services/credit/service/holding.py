"""The work queue of held items: who sees an item, what a decision does to every item that asks the same, and its undoing.

A decision is one transaction: it is remembered, the waiting items of its question go where it sends them, each with its
event, and the key's answer is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec
from sqlalchemy.exc import IntegrityError

from services.credit.domain.holding import HeldAction, HeldState, HoldReason, LeadState, outcome_of
from services.credit.service.confirmation import producer_of
from services.credit.service.context import Credit
from services.credit.service.identification import ranked, sought_of
from services.credit.service.opened import opened_firms
from services.credit.service.release import release, statement_in, take_back
from services.credit.service.routing import Caller
from services.credit.store import enterprises, held_items, records, responses
from services.credit.tables import CounterfeitLead, HeldDecision, HeldItem, StoredResponse
from services.kernel import regions
from services.kernel.access import Role
from services.kernel.clock import to_wire
from services.kernel.db import AnySession, WriteSession
from services.kernel.idempotency import Key, refuse_other_body
from services.kernel.kinds.kind import PUBLIC
from services.kernel.policy import Policy
from services.kernel.problems import Problem
from services.kernel.projection import project

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Desk:
    """Who works at the queue: an agency's system (`role` is None), or a person of an agency; with what both may read."""

    caller: Caller
    officer: str
    role: Role | None
    policy: Policy

    @property
    def region(self) -> str:
        """Where a person works: the region of the agency."""
        held = self.policy.agency.get(self.caller.agency)
        return held.region if held else ""

    def sees(self, provider: str, kind: str, region: str) -> bool:
        """Whether an item is in reach. A system sees what its agency pushed, or took over. A person sees what lies in the
        agency's territory, as far as it was pushed by the agency or one below, or a grant lets the agency read it; the
        coordinator all of it."""
        agency = self.caller.agency
        if self.role is None:
            return self.caller.handler_of(provider, kind, region) == agency
        if not regions.within(region, self.region):
            return False
        if self.role is Role.COORDINATOR:
            return True
        is_own = (
            self.policy.is_within(provider, agency)
            or self.caller.handler_of(provider, kind, region) == agency
        )
        return is_own or self.caller.reach.covers(kind, region)


@dataclass(frozen=True)
class Ruling:
    """What is decided of an item: whose file it goes to or what the producer said, why, by which document of which day."""

    action: HeldAction
    uscc: str | None
    reason: str
    document_number: str | None
    on: date


@dataclass(frozen=True)
class Settled:
    """An answer as bytes, with the item's id and the version that its tag names."""

    body: bytes
    record_id: str
    version: int


class _Answered(Exception):  # noqa: N818 - not an error: the key has its answer already
    def __init__(self, held: StoredResponse) -> None:
        self.held = held


def settle(credit: Credit, desk: Desk, record_id: str, ruling: Ruling, key: Key) -> Settled:
    """Decide a waiting item and every other one that waits with the same question.

    Raises:
        Problem: `not_found`, `held_item_decided`, `action_not_applicable`, or `parameter_invalid` for an enterprise that
            is not known.
    """
    try:
        try:
            return _settle(credit, desk, record_id, ruling, key)
        except IntegrityError:  # the key came twice at once: the second one finds the first one's answer
            return _settle(credit, desk, record_id, ruling, key)
    except _Answered as answered:
        refuse_other_body(key, answered.held.fingerprint)
        return Settled(answered.held.body.encode(), answered.held.case_id, answered.held.version)


def _settle(credit: Credit, desk: Desk, record_id: str, ruling: Ruling, key: Key) -> Settled:
    now = credit.clock()
    with credit.database.write("credit.held_item_decided") as session:
        item = _locked(session, desk, record_id)
        if (held := responses.find(session, desk.caller.agency, key.route, key.value)) is not None:
            raise _Answered(held)
        if item.state != HeldState.WAITING:
            raise Problem("held_item_decided")
        outcome = outcome_of(item.reason, ruling.action)
        if outcome is None:
            raise Problem("action_not_applicable")
        if ruling.action is HeldAction.ASSIGN and not enterprises.read(session, [ruling.uscc or ""]):
            message = "no enterprise of this code has a file"
            fault = {"code": "enterprise_unknown", "field": "/uscc", "message": message}
            raise Problem("parameter_invalid", faults=[fault])
        decision = _decision(session, desk, item, ruling, now)
        waiting = held_items.waiting_with(session, item.question)
        if outcome is HeldState.RELEASED:
            release(credit, session, waiting, decision, now)
        else:
            _close(session, waiting, decision, outcome)
        if outcome is HeldState.DENIED:
            _open_lead(credit, session, item, decision, now)
        made = _answer(session, item, waiting=len(waiting))
        responses.keep(session, _stored(key, desk, made, now), now)
        return made


def undo(
    credit: Credit, desk: Desk, record_id: str, reason: str, is_current: Callable[[int], bool]
) -> Settled:
    """Undo the decision that settled an item: all that it settled, then or later, waits again.

    Raises:
        Problem: `not_found`, `precondition_failed`, or `held_item_undecided` when no decision settled it.
    """
    now = credit.clock()
    with credit.database.write("credit.held_decision_undone") as session:
        item = _locked(session, desk, record_id)
        if not is_current(item.step):
            raise Problem("precondition_failed")
        decision = held_items.decision(session, item.producer_decision or item.subject_decision)
        if decision is None or decision.undone_at is not None:
            raise Problem("held_item_undecided")
        if decision.question != item.question:
            held_items.lock_questions(session, [decision.question])
        decision.undone_at, decision.undone_by, decision.undo_reason = now, desk.officer, reason
        session.add(decision)
        rows = held_items.of_decision(session, decision.id)
        take_back(credit, session, rows, decision, now)
        _drop_lead(credit, session, decision, now)
        session.flush()
        return _answer(session, item, waiting=len(rows))


def _locked(session: WriteSession, desk: Desk, record_id: str) -> HeldItem:
    """The item as it stands once nobody else decides or asks its question."""
    item = held_items.find(session, record_id)
    if item is None or not desk.sees(item.provider, item.kind, item.region):
        raise Problem("not_found")
    held_items.lock_questions(session, [item.question])
    session.refresh(item)
    return item


def _decision(
    session: WriteSession, desk: Desk, item: HeldItem, ruling: Ruling, now: datetime
) -> HeldDecision:
    known = held_items.remembered(session, [item.question]).get(item.question)
    if known is not None:  # an item that came while its question was being decided
        if (known.action, known.uscc) != (ruling.action, ruling.uscc):
            raise Problem("held_item_decided")
        same = held_items.decision(session, known.id)
        assert same is not None  # noqa: S101 - it was found a moment ago, in this transaction
        return same
    decision = HeldDecision(
        id=uuid4().hex, question=item.question, action=ruling.action, uscc=ruling.uscc, reason=ruling.reason,
        document_number=ruling.document_number, on=ruling.on, agency=desk.caller.agency, officer=desk.officer,
        decided_at=now,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    return decision


def _close(session: WriteSession, rows: Sequence[HeldItem], decision: HeldDecision, state: HeldState) -> None:
    for row in rows:
        row.state, row.step = state, row.step + 1
        if row.reason == HoldReason.SUBJECT_UNCERTAIN:
            row.subject_decision = decision.id
        else:
            row.producer_decision = decision.id
        session.add(row)
    session.flush()


def _open_lead(
    credit: Credit, session: WriteSession, item: HeldItem, decision: HeldDecision, now: datetime
) -> None:
    """A denial leaves a lead to whoever puts a firm's name on goods; in the firm's file it is told and counts nothing."""
    held = records.find_version(session, item.record_id, item.held_version)
    record: dict[str, Any] = msgspec.json.decode(held.content)
    named = producer_of(statement_in(held.content))
    sellers = [party["subject"] for party in record["parties"] if party["role"] == "seller"]
    details = record["details"]
    told = {
        "producer": {"uscc": named.uscc or item.uscc or None, "name": named.name},
        "product": record["product"], "sellers": sellers, "statement": decision.reason,
        "production_date": details.get("production_date"), "sampled_at": details.get("sampled_at"),
        "sampled_at_address": details.get("sampled_at_address"), "announcement": details.get("announcement"),
        "denied_on": decision.on,
    }  # fmt: skip
    lead = CounterfeitLead(
        id=uuid4().hex, decision_id=decision.id, record_id=item.record_id, uscc=named.uscc or item.uscc,
        provider=item.provider, kind=item.kind, region=item.region, agency=decision.agency,
        document_number=decision.document_number or "", state=LeadState.OPEN, opened_at=now, told=_encode(told).decode(),
    )  # fmt: skip
    session.add(lead)
    _tell(credit, session, lead, "counterfeit_lead_opened", decision.agency, now)


def _drop_lead(credit: Credit, session: WriteSession, decision: HeldDecision, now: datetime) -> None:
    lead = held_items.lead_of(session, decision.id)
    if lead is not None:
        lead.state = LeadState.DROPPED
        session.add(lead)
        _tell(credit, session, lead, "counterfeit_lead_dropped", decision.agency, now)


def _tell(
    credit: Credit, session: WriteSession, lead: CounterfeitLead, event: str, agency: str, now: datetime
) -> None:
    """Tell of a lead among the events of the firm whose name was used, where it has a file."""
    with opened_firms(credit, session, [lead.uscc], now, provider=agency, cause="records") as firms:
        for firm in firms.values():
            firm.emit(
                event, firm.tick(now), provider=agency, data={"id": lead.id, "state": lead.state}, kind=lead.kind,
                region=lead.region, record_id=lead.record_id, record_version=None,
            )  # fmt: skip


def _answer(session: AnySession, item: HeldItem, *, waiting: int) -> Settled:
    return Settled(_encode(show(session, item) | {"settled": waiting}), item.record_id, item.step)


def show(session: AnySession, item: HeldItem, *, in_full: bool = False) -> dict[str, Any]:
    """An item as its readers see it: what was sent, why it waits, and in full the candidates by what is known now."""
    held = records.find_version(session, item.record_id, item.held_version)
    content = project(held.content, item.kind, frozenset({PUBLIC}))
    record: dict[str, Any] = msgspec.json.decode(content)
    decision = held_items.decision(session, item.producer_decision or item.subject_decision)
    shown = {
        "id": item.record_id, "reason": item.reason, "state": item.state, "provider": item.provider, "kind": item.kind,
        "region": item.region, "source_record_id": record["source_record_id"], "since": to_wire(item.since),
        "subject": record["subject"], "uscc": item.uscc or None,
        "decision": _shown_decision(decision) if decision else None, "version": item.step,
    }  # fmt: skip
    if in_full:
        statement = statement_in(held.content)
        waits = item.state == HeldState.WAITING
        is_about_subject = item.reason == HoldReason.SUBJECT_UNCERTAIN
        sought = statement.subject if is_about_subject else producer_of(statement)
        is_unknown = is_about_subject or sought.uscc is None
        found = ranked(session, sought_of(sought, item.region)) if waits and is_unknown else []
        shown |= {
            "record": record, "candidates": found,
            "waiting": len(held_items.waiting_with(session, item.question)) if waits else 0,
        }  # fmt: skip
    return shown


def _shown_decision(decision: HeldDecision) -> dict[str, Any]:
    return {
        "id": decision.id, "action": decision.action, "uscc": decision.uscc, "reason": decision.reason,
        "document_number": decision.document_number, "decided_on": decision.on, "agency": decision.agency,
        "decided_at": to_wire(decision.decided_at),
    }  # fmt: skip


def _stored(key: Key, desk: Desk, made: Settled, now: datetime) -> StoredResponse:
    return StoredResponse(
        agency=desk.caller.agency, route=key.route, key=key.value, fingerprint=key.fingerprint, case_id=made.record_id,
        version=made.version, body=made.body.decode(), created_at=now,
    )  # fmt: skip
