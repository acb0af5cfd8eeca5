"""The access log as it is kept and searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import and_, col, or_, select

from services.exchange.tables import AccessLogEntry
from services.kernel.access_log import AccessEntry
from services.kernel.db import AnySession, WriteSession


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries are asked for; what is None does not narrow."""

    agencies: tuple[str, ...] | None = None
    uscc: str | None = None
    purpose: str | None = None
    case_number: str | None = None
    since: datetime | None = None
    before: datetime | None = None


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
            groups=entry.groups, request_id=entry.request_id, received_at=now,
        )
        for entry in fresh
    )  # fmt: skip
    session.flush()
    return len(fresh)


def page_of(
    session: AnySession, search: Search, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[AccessLogEntry]:
    """Entries that a search finds, the latest first."""
    equal = {
        AccessLogEntry.uscc: search.uscc,
        AccessLogEntry.purpose: search.purpose,
        AccessLogEntry.case_number: search.case_number,
    }
    query = select(AccessLogEntry).where(
        *(col(column) == value for column, value in equal.items() if value is not None)
    )
    if search.agencies is not None:
        query = query.where(col(AccessLogEntry.agency).in_(search.agencies))
    at, identity = col(AccessLogEntry.at), col(AccessLogEntry.id)
    if search.since is not None:
        query = query.where(at >= search.since)
    if search.before is not None:
        query = query.where(at < search.before)
    if after is not None:
        query = query.where(or_(at < after[0], and_(at == after[0], identity < after[1])))
    return session.exec(query.order_by(at.desc(), identity.desc()).limit(limit)).all()
