"""Sessions of staff as they are kept."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select

from services.credit.tables import StaffSession
from services.kernel.db import AnySession, WriteSession


def by_digest(session: AnySession, digest: bytes) -> StaffSession | None:
    """A session by the digest of its token, whatever its state."""
    return session.exec(select(StaffSession).where(StaffSession.token_digest == digest)).one_or_none()


def by_id(session: AnySession, session_id: str) -> StaffSession:
    """A session that is known to exist."""
    return session.get_one(StaffSession, session_id)


def add(session: WriteSession, row: StaffSession, now: datetime) -> None:
    """Keep a new session, and forget those that came of age."""
    session.execute(delete(StaffSession).where(col(StaffSession.expires_at) <= now))
    session.add(row)
    session.flush()


def note_use(session: WriteSession, session_id: str, now: datetime) -> None:
    """Write down that a session is in use."""
    session.execute(update(StaffSession).where(col(StaffSession.id) == session_id).values(seen_at=now))


def end(session: WriteSession, session_id: str, now: datetime) -> None:
    """End a session."""
    session.execute(update(StaffSession).where(col(StaffSession.id) == session_id).values(ended_at=now))
