"""Access entries: written before an answer leaves, kept, and marked once the exchange holds them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select

from services.credit.tables import AccessEntry
from services.kernel import access_log
from services.kernel.clock import to_wire
from services.kernel.db import AnySession, WriteSession


def add(session: WriteSession, entry: AccessEntry) -> None:
    """Note one restricted read."""
    session.add(entry)
    session.flush()


def unsent(session: AnySession, limit: int) -> list[access_log.AccessEntry]:
    """Entries that the exchange is not known to hold, oldest first."""
    query = select(AccessEntry).where(col(AccessEntry.sent_at).is_(None)).order_by(col(AccessEntry.no))
    return [
        access_log.AccessEntry(
            no=row.no or 0, id=row.id, at=to_wire(row.at), agency=row.agency, client_id=row.client_id, uscc=row.uscc,
            route=row.route, purpose=row.purpose, case_number=row.case_number, groups=row.groups.split(","),
            request_id=row.request_id, officer=row.officer,
        )
        for row in session.exec(query.limit(limit))
    ]  # fmt: skip


def mark_sent(session: WriteSession, numbers: Sequence[int], now: datetime) -> None:
    """Note that the exchange holds some entries."""
    session.execute(update(AccessEntry).where(col(AccessEntry.no).in_(numbers)).values(sent_at=now))
