"""The access log as it is kept and searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CompoundSelect, Exists, exists, union
from sqlmodel import and_, col, or_, select

from services.exchange.tables import AccessLogEntry, ClosedInvestigation, JournalEvent
from services.kernel.access_log import AccessEntry
from services.kernel.db import AnySession, WriteSession


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries are asked for; what is None does not narrow."""

    agencies: tuple[str, ...] | None = None
    uscc: str | None = None
    purpose: str | None = None
    case_number: str | None = None
    officer: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    withheld: tuple[str, ...] = ()
    """Purposes of which nothing is found until the agency has closed the case."""
    widest: int = 0
    """How many places of the journal the widest page covers."""


def add(session: WriteSession, entry: AccessLogEntry) -> None:
    """Keep an entry of the exchange's own."""
    session.add(entry)
    session.flush()


def append(session: WriteSession, entries: Sequence[AccessEntry], now: datetime) -> int:
    """Keep the entries that are not kept yet; how many those were."""
    ids = [entry.id for entry in entries]
    known = set(session.exec(select(AccessLogEntry.id).where(col(AccessLogEntry.id).in_(ids))))
    fresh = [entry for entry in entries if entry.id not in known]
    session.add_all(
        AccessLogEntry(
            id=entry.id, at=datetime.fromisoformat(entry.at), agency=entry.agency, client_id=entry.client_id,
            uscc=entry.uscc, route=entry.route, purpose=entry.purpose, case_number=entry.case_number,
            groups=entry.groups, request_id=entry.request_id, officer=entry.officer, received_at=now,
        )
        for entry in fresh
    )  # fmt: skip
    session.flush()
    return len(fresh)


def page_of(
    session: AnySession, search: Search, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[AccessLogEntry]:
    """Entries that a search finds, the latest first. Of a firm these are its own, and pulls over a place of one of its
    events, whatever kinds and regions they were of."""
    equal = {
        AccessLogEntry.purpose: search.purpose,
        AccessLogEntry.case_number: search.case_number,
        AccessLogEntry.officer: search.officer,
    }
    query = select(AccessLogEntry).where(
        *(col(column) == value for column, value in equal.items() if value is not None)
    )
    if search.uscc is not None:
        query = query.where(col(AccessLogEntry.id).in_(_about(search.uscc, search.widest)))
    if search.agencies is not None:
        query = query.where(col(AccessLogEntry.agency).in_(search.agencies))
    if search.withheld:
        query = query.where(or_(col(AccessLogEntry.purpose).not_in(search.withheld), _is_closed()))
    at, identity = col(AccessLogEntry.at), col(AccessLogEntry.id)
    if search.since is not None:
        query = query.where(at >= search.since)
    if search.before is not None:
        query = query.where(at < search.before)
    if after is not None:
        query = query.where(or_(at < after[0], and_(at == after[0], identity < after[1])))
    return session.exec(query.order_by(at.desc(), identity.desc()).limit(limit)).all()


def _about(uscc: str, widest: int) -> CompoundSelect[tuple[str]]:
    """The ids of what concerns a firm. A page covers at most `widest` places, which lets an index find it; a stream may
    be wider, and has no number of firms."""
    entry, event = AccessLogEntry, JournalEvent
    through, seq = col(entry.covers_through), col(event.seq)
    over = and_(through >= seq, col(entry.covers_after) < seq)
    own = select(entry.id).where(entry.uscc == uscc)
    pages = select(entry.id).join(event, and_(over, through < seq + widest)).where(event.uscc == uscc)
    streams = select(entry.id).join(event, over).where(event.uscc == uscc, col(entry.firms).is_(None))
    return union(own, pages, streams)


def _is_closed() -> Exists:
    closed = ClosedInvestigation
    return exists().where(
        col(closed.agency) == col(AccessLogEntry.agency),
        col(closed.case_number) == col(AccessLogEntry.case_number),
    )


def events_of(session: AnySession, uscc: str) -> list[tuple[int, str, str]]:
    """The events of a firm: place, kind, region."""
    query = select(JournalEvent.seq, JournalEvent.kind, JournalEvent.region)
    return [(seq, kind, region) for seq, kind, region in session.exec(query.where(JournalEvent.uscc == uscc))]


def has_case(session: AnySession, agency: str, case_number: str) -> bool:
    """Whether an agency has read anything for a case."""
    query = select(AccessLogEntry.id).where(
        AccessLogEntry.agency == agency, AccessLogEntry.case_number == case_number
    )
    return session.exec(query.limit(1)).first() is not None
