"""The audit of administration as it is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from services.exchange.tables import AuditEntry
from services.kernel.db import AnySession, WriteSession


def add_entry(
    session: WriteSession,
    *,
    at: datetime,
    actor: str,
    by_session: str | None,
    act: str,
    subject: str,
    agency: str,
    details: dict[str, Any],
) -> None:
    """Write one entry, within the transaction of the act itself."""
    session.add(
        AuditEntry(
            at=at,
            actor=actor,
            session=by_session,
            act=act,
            subject=subject,
            agency=agency,
            details=details,
        )
    )
    session.flush()


def entries(
    session: AnySession,
    *,
    before: int | None,
    limit: int,
    agency: str | None = None,
    actor: str | None = None,
    subject: str | None = None,
) -> Sequence[AuditEntry]:
    """Entries, the latest first; narrowed by what is given."""
    query = select(AuditEntry)
    if before is not None:
        query = query.where(col(AuditEntry.no) < before)
    if agency is not None:
        query = query.where(AuditEntry.agency == agency)
    if actor is not None:
        query = query.where(AuditEntry.actor == actor)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    return session.exec(query.order_by(col(AuditEntry.no).desc()).limit(limit)).all()
