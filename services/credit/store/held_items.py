"""The queue of held items, the decisions about their questions, and the leads that denials open."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, text
from sqlmodel import col, or_, select, tuple_

from services.credit.domain.holding import REMEMBERED, HeldState
from services.credit.tables import CounterfeitLead, HeldDecision, HeldItem
from services.kernel.bulk import joined, select_by_key
from services.kernel.db import AnySession, Instant, WriteSession

DECISION: Final = HeldDecision.__table__  # type: ignore[attr-defined]  # added by the table metaclass


class Entry(NamedTuple):
    """What a push makes of a record's place in the queue."""

    record_id: str
    question: str
    reason: str
    state: str
    provider: str
    kind: str
    region: str
    uscc: str
    held_version: int
    released_version: int | None
    prior_version: int | None
    prior_uscc: str | None
    subject_decision: str | None
    producer_decision: str | None
    since: datetime


class Remembered(NamedTuple):
    """A decision in force that answers a question."""

    id: str
    question: str
    action: str
    uscc: str | None


_COLUMNS: Final = Entry._fields
# a statement that comes anew keeps its place in the queue, and what stood in a file before the decision did
_DECIDED_SO: Final = (
    "held_item.state = 'released' AND (held_item.subject_decision = excluded.subject_decision"
    " OR held_item.producer_decision = excluded.producer_decision)"
)
_KEPT: Final = {
    "since": "held_item.state = 'waiting'", "prior_version": _DECIDED_SO, "prior_uscc": _DECIDED_SO
}  # fmt: skip
_ENTER: Final = text(
    f"INSERT INTO held_item ({', '.join(_COLUMNS)}, step) VALUES ({', '.join(f':{name}' for name in _COLUMNS)}, 1)"
    " ON CONFLICT (record_id) DO UPDATE SET step = held_item.step + 1, "
    + ", ".join(
        f"{name} = CASE WHEN {_KEPT[name]} THEN held_item.{name} ELSE excluded.{name} END"
        if name in _KEPT
        else f"{name} = excluded.{name}"
        for name in _COLUMNS[1:]
    )
).bindparams(bindparam("since", type_=Instant()))
_OVERTAKE: Final = text(
    "UPDATE held_item SET state = 'overtaken', released_version = NULL, subject_decision = NULL, producer_decision = NULL,"
    " step = step + 1 WHERE record_id = :record_id AND state <> 'overtaken'"
)


def lock_questions(session: WriteSession, questions: Iterable[str]) -> None:
    """Make deciding a question and asking it wait for each other, in order. SQLite has one writer: it is locked already.

    Taken before any enterprise is, so that nobody waits in a ring.
    """
    if session.connection().dialect.name == "sqlite":
        return
    if held := sorted(set(questions)):
        session.connection().exec_driver_sql(
            "SELECT pg_advisory_xact_lock(hashtextextended(question, 0)) FROM"
            " (SELECT unnest(string_to_array(%s, ',')) AS question ORDER BY 1) AS asked",
            (joined(held),),
        )


def remembered(session: AnySession, questions: Sequence[str]) -> dict[str, Remembered]:
    """The decisions in force that answer later pushes, by question."""
    rows = select_by_key(
        session, DECISION, "question", questions, ("id", "question", "action", "uscc", "undone_at")
    )
    return {row[1]: Remembered(*row[:4]) for row in rows if row[4] is None and row[2] in REMEMBERED}


def enter(session: WriteSession, entries: Sequence[Entry]) -> None:
    """Enter items into the queue, or what became of them; a record keeps one row."""
    if entries:
        session.connection().execute(_ENTER, [entry._asdict() for entry in entries])


def overtake(session: WriteSession, record_ids: Iterable[str]) -> None:
    """Close the rows of records about which their providers have said it all anew."""
    rows = [{"record_id": record_id} for record_id in record_ids]
    if rows:
        session.connection().execute(_OVERTAKE, rows)


def find(session: AnySession, record_id: str) -> HeldItem | None:
    """One item."""
    return session.get(HeldItem, record_id)


def waiting_with(session: AnySession, question: str) -> Sequence[HeldItem]:
    """The items that wait with a question, by record."""
    query = select(HeldItem).where(HeldItem.question == question, HeldItem.state == HeldState.WAITING)
    return session.exec(query.order_by(col(HeldItem.record_id))).all()


def of_decision(session: AnySession, decision_id: str) -> Sequence[HeldItem]:
    """Every item that a decision settled, then or later, by record."""
    query = select(HeldItem).where(
        or_(HeldItem.subject_decision == decision_id, HeldItem.producer_decision == decision_id)
    )
    return session.exec(query.order_by(col(HeldItem.record_id))).all()


def decision(session: AnySession, decision_id: str | None) -> HeldDecision | None:
    """One decision."""
    return session.get(HeldDecision, decision_id) if decision_id else None


def page_of(
    session: AnySession,
    *,
    state: str | None,
    reason: str | None,
    kind: str | None,
    providers: Sequence[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[HeldItem]:
    """Items, the one that has waited longest first."""
    query = select(HeldItem)
    if state is not None:
        query = query.where(HeldItem.state == state)
    if reason is not None:
        query = query.where(HeldItem.reason == reason)
    if kind is not None:
        query = query.where(HeldItem.kind == kind)
    if providers is not None:
        query = query.where(col(HeldItem.provider).in_(providers))
    if after is not None:
        query = query.where(tuple_(col(HeldItem.since), col(HeldItem.record_id)) > after)
    return session.exec(query.order_by(col(HeldItem.since), col(HeldItem.record_id)).limit(limit)).all()


_DISAGREEING: Final = text(
    "SELECT r.record_id FROM record r LEFT JOIN held_item h ON h.record_id = r.record_id WHERE r.state = 'held'"
    " AND (h.record_id IS NULL OR h.state NOT IN ('waiting', 'denied', 'refused') OR h.held_version <> r.version)"
    " UNION ALL SELECT h.record_id FROM held_item h LEFT JOIN record r ON r.record_id = h.record_id"
    " WHERE h.state IN ('waiting', 'denied', 'refused') AND (r.record_id IS NULL OR r.state <> 'held') ORDER BY 1"
)


def disagreeing(session: AnySession) -> list[str]:
    """The records of which the queue says something else than they are: held ones and items that wait are the same."""
    return [record_id for (record_id,) in session.connection().execute(_DISAGREEING)]


def find_lead(session: AnySession, lead_id: str) -> CounterfeitLead | None:
    """One counterfeit lead."""
    return session.get(CounterfeitLead, lead_id)


def lead_of(session: AnySession, decision_id: str) -> CounterfeitLead | None:
    """The lead that a denial opened."""
    return session.exec(
        select(CounterfeitLead).where(CounterfeitLead.decision_id == decision_id)
    ).one_or_none()


def leads_page(
    session: AnySession, *, state: str | None, before: tuple[datetime, str] | None, limit: int
) -> Sequence[CounterfeitLead]:
    """Leads, the latest first."""
    query = select(CounterfeitLead)
    if state is not None:
        query = query.where(CounterfeitLead.state == state)
    if before is not None:
        query = query.where(tuple_(col(CounterfeitLead.opened_at), col(CounterfeitLead.id)) < before)
    query = query.order_by(col(CounterfeitLead.opened_at).desc(), col(CounterfeitLead.id).desc())
    return session.exec(query.limit(limit)).all()
