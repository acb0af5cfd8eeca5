"""People's decisions about acts: two records are linked or kept apart, and a decision is undone — each one transaction
with the enterprise's grade and an event of the journal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import msgspec
from sqlalchemy.exc import IntegrityError

from services.credit.domain.act import Relation, contradicts
from services.credit.domain.past import ACTS_LINKED, ACTS_UNLINKED
from services.credit.service.context import Credit
from services.credit.service.differences import Differences
from services.credit.service.opened import opened_firms
from services.credit.service.remedies import Answer
from services.credit.service.routing import Caller
from services.credit.service.workspace import Firm
from services.credit.store import act_links, records, responses
from services.credit.store.records import Statement
from services.credit.tables import ActLink, StoredResponse
from services.kernel.clock import to_wire
from services.kernel.db import AnySession, WriteSession
from services.kernel.idempotency import Key, refuse_other_body
from services.kernel.problems import Problem

_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Decision:
    """What an officer of an agency found two records to be, and why."""

    first: str
    second: str
    relation: Relation
    leading: str | None
    officer: str
    reason: str


class _Answered(Exception):  # noqa: N818 - not an error: the key has its answer already
    def __init__(self, held: StoredResponse) -> None:
        self.held = held


def may_see(caller: Caller, record: Statement) -> bool:
    """Whether a caller may know of a record: its handler, or who may read it."""
    return caller.handler_of(
        record.provider, record.kind, record.region
    ) == caller.agency or caller.reach.covers(record.kind, record.region)


def may_decide(caller: Caller, pair: tuple[Statement, Statement]) -> bool:
    """Whether it is the caller's to decide about two records: the handler of one of them, its superior, or the
    coordinator."""
    if caller.agency == caller.coordinator:
        return True
    handlers = {caller.handler_of(record.provider, record.kind, record.region) for record in pair}
    return caller.agency in handlers | {caller.superior_of(handler) for handler in handlers}


def decide(credit: Credit, caller: Caller, decision: Decision, key: Key) -> Answer:
    """Link two records or keep them apart; the same key with the same body gets the first answer again.

    Raises:
        Problem: `not_found` for a record that the caller may not see or that is in no file, `step_not_yours`,
            `acts_not_linkable` for records that cannot be about one act, `acts_decided` where a decision stands in the way.
    """
    try:
        try:
            return _decide(credit, caller, decision, key)
        except IntegrityError:  # the key came twice at once: the second one finds the first one's answer
            return _decide(credit, caller, decision, key)
    except _Answered as answered:
        held = answered.held
        refuse_other_body(key, held.fingerprint)
        return Answer(held.body.encode(), held.case_id, held.version)


def _decide(credit: Credit, caller: Caller, decision: Decision, key: Key) -> Answer:
    now = credit.clock()
    with credit.database.write("credit.acts_linked") as session:
        seen = _pair(session, caller, decision.first, decision.second)
        codes = {record.uscc for record in seen}
        with opened_firms(credit, session, codes, now, provider=caller.agency, cause="act_link") as firms:
            if (held := responses.find(session, caller.agency, key.route, key.value)) is not None:
                raise _Answered(held)
            pair = _pair(session, caller, decision.first, decision.second)
            if not may_decide(caller, pair):
                raise Problem("step_not_yours")
            firm = firms.get(pair[0].uscc)
            if firm is None or pair[1].uscc != pair[0].uscc or not _are_linkable(firm, decision):
                raise Problem("acts_not_linkable")
            row = _row(caller, decision, firm, firm.tick(now))
            link = act_links.link_of(row)
            taken = {frozenset((each.first, each.second)) for each in firm.links}
            if frozenset((link.first, link.second)) in taken or contradicts([*firm.links, link]):
                raise Problem("acts_decided")
            session.add(row)
            session.flush()
            _follow(credit, session, firm, [*firm.links, link], caller, now, ACTS_LINKED, row, pair)
            answer = Answer(_encode(shown(row)), row.id, row.version)
            responses.keep(session, _stored(key, caller, answer, now), now)
        return answer


def undo(
    credit: Credit, caller: Caller, link_id: str, officer: str, reason: str, is_current: Callable[[int], bool]
) -> Answer:
    """Undo a decision: from now on the records are what they were without it.

    Raises:
        Problem: `not_found`, `step_not_yours`, `precondition_failed`, or `step_out_of_order` for one that is undone.
    """
    now = credit.clock()
    with credit.database.write("credit.acts_unlinked") as session:
        row = act_links.find(session, link_id)
        if row is None:
            raise Problem("not_found")
        with opened_firms(
            credit, session, [row.uscc], now, provider=caller.agency, cause="act_link"
        ) as firms:
            session.refresh(row)
            pair = _pair(session, caller, row.first, row.second)
            if not may_decide(caller, pair):
                raise Problem("step_not_yours")
            if not is_current(row.version):
                raise Problem("precondition_failed")
            if row.state != act_links.IN_EFFECT:
                raise Problem("step_out_of_order")
            firm = firms[row.uscc]
            row.state, row.version, row.undone_at = act_links.UNDONE, row.version + 1, firm.tick(now)
            row.undone_by, row.undone_officer, row.undone_reason = caller.agency, officer, reason
            session.add(row)
            session.flush()
            left = [link for link in firm.links if link.id != row.id]
            _follow(credit, session, firm, left, caller, now, ACTS_UNLINKED, row, pair)
            return Answer(_encode(shown(row)), row.id, row.version)


def _follow(
    credit: Credit,
    session: WriteSession,
    firm: Firm,
    links: list[Any],
    caller: Caller,
    now: datetime,
    event: str,
    row: ActLink,
    pair: tuple[Statement, Statement],
) -> None:
    """Count the file's acts anew, tell it, ask about what differs now, and keep the queue in step."""
    firm.links = links
    firm.tie()
    firm.emit(
        event, firm.state.recorded_at, provider=caller.agency, data={"link": act_links.link_of(row)._asdict()},
        kind=pair[0].kind, region=pair[0].region, record_id=row.first,
        record_version=pair[0].current_version or pair[0].version,
    )  # fmt: skip
    differences = Differences(credit, session, now)
    differences.weigh([firm], lambda _: {}, {firm.state.uscc}, caller.agency)
    differences.write(session)


def _pair(session: AnySession, caller: Caller, first: str, second: str) -> tuple[Statement, Statement]:
    one, other = records.find_statement(session, first), records.find_statement(session, second)
    if one is None or other is None or not (may_see(caller, one) and may_see(caller, other)):
        raise Problem("not_found")
    return one, other


def _are_linkable(firm: Firm, decision: Decision) -> bool:
    """Two different scored records in force of one kind of one file, one of which leads the other where that is asked."""
    one, other = firm.facts.get(decision.first), firm.facts.get(decision.second)
    if one is None or other is None or one.kind != other.kind or decision.first == decision.second:
        return False
    if decision.relation == Relation.SAME_OFFENCE:
        return decision.leading in (decision.first, decision.second)
    return decision.leading is None


def _row(caller: Caller, decision: Decision, firm: Firm, decided_at: datetime) -> ActLink:
    first, second = sorted((decision.first, decision.second))
    return ActLink(
        id=uuid4().hex, uscc=firm.state.uscc, first=first, second=second, first_act=firm.facts[first].act,
        second_act=firm.facts[second].act, relation=decision.relation, leading_record=decision.leading,
        state=act_links.IN_EFFECT, version=1, agency=caller.agency, officer=decision.officer, reason=decision.reason,
        decided_at=decided_at,
    )  # fmt: skip


def _stored(key: Key, caller: Caller, made: Answer, now: datetime) -> StoredResponse:
    return StoredResponse(
        agency=caller.agency, route=key.route, key=key.value, fingerprint=key.fingerprint, case_id=made.case_id,
        version=made.version, body=made.body.decode(), created_at=now,
    )  # fmt: skip


def shown(row: ActLink) -> dict[str, Any]:
    """A decision as its readers get it."""
    undone = {
        "agency": row.undone_by, "officer": row.undone_officer, "reason": row.undone_reason,
        "at": to_wire(row.undone_at),
    } if row.undone_at else None  # fmt: skip
    return {
        "id": row.id, "uscc": row.uscc, "record_ids": [row.first, row.second], "relation": row.relation,
        "leading_record_id": row.leading_record, "state": row.state, "agency": row.agency, "officer": row.officer,
        "reason": row.reason, "decided_at": to_wire(row.decided_at), "undone": undone, "version": row.version,
    }  # fmt: skip
