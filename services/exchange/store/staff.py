"""Accounts of staff, their invitations and sessions, and the count of failed logins."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, bindparam, delete, or_, text, update
from sqlmodel import col, select

from services.exchange.domain.login import FORGOTTEN_AFTER, REMEMBERED, Attempts
from services.exchange.tables import (
    Agency,
    HandoverCode,
    LoginAttempt,
    StaffAccount,
    StaffEnrolment,
    StaffSession,
)
from services.kernel.db import AnySession, Instant, WriteSession

_BEGIN_ATTEMPTS = text(
    "INSERT INTO login_attempt (key, failures, last_at) VALUES (:key, 0, :now) ON CONFLICT DO NOTHING"
).bindparams(bindparam("now", type_=Instant))

_WITH_ACCOUNT = (
    select(StaffSession, StaffAccount, Agency)
    .join(StaffAccount, col(StaffAccount.username) == StaffSession.username)
    .join(Agency, col(Agency.id) == StaffAccount.agency)
)


def find_account(session: AnySession, username: str) -> StaffAccount | None:
    """An account by its username, whatever its state."""
    return session.get(StaffAccount, username)


def lock_account(session: WriteSession, username: str) -> StaffAccount | None:
    """An account that nobody else changes until this transaction ends."""
    query = select(StaffAccount).where(StaffAccount.username == username).with_for_update()
    return session.exec(query, execution_options={"populate_existing": True}).one_or_none()


def accounts(
    session: AnySession, *, agencies: Collection[str] | None, after: str, limit: int
) -> Sequence[StaffAccount]:
    """Accounts of some agencies, or of all, by username."""
    query = select(StaffAccount).where(col(StaffAccount.username) > after)
    if agencies is not None:
        query = query.where(col(StaffAccount.agency).in_(agencies))
    return session.exec(query.order_by(col(StaffAccount.username)).limit(limit)).all()


def use_step(session: WriteSession, username: str, step: int) -> bool:
    """Use up the codes of a time step and of all before it; False when that was done already."""
    done = session.execute(
        update(StaffAccount)
        .where(col(StaffAccount.username) == username, col(StaffAccount.totp_step) < step)
        .values(totp_step=step)
    )
    return _count(done) == 1


def open_enrolment(session: AnySession, enrolment: str, now: datetime) -> StaffEnrolment | None:
    """An invitation that can still be used."""
    row = session.get(StaffEnrolment, enrolment)
    return row if row is not None and row.closed_at is None and now < row.expires_at else None


def close_enrolment(session: WriteSession, enrolment: str, now: datetime) -> bool:
    """Use an invitation up; False when another did so first."""
    done = session.execute(
        update(StaffEnrolment)
        .where(col(StaffEnrolment.id) == enrolment, col(StaffEnrolment.closed_at).is_(None))
        .values(closed_at=now)
    )
    return _count(done) == 1


def close_enrolments_of(session: WriteSession, username: str, now: datetime) -> None:
    """Let no earlier invitation of an account be used."""
    session.execute(
        update(StaffEnrolment)
        .where(col(StaffEnrolment.username) == username, col(StaffEnrolment.closed_at).is_(None))
        .values(closed_at=now)
    )


def session_by_digest(session: AnySession, digest: bytes) -> tuple[StaffSession, StaffAccount, Agency] | None:
    """A session with its account and agency, whatever their state."""
    return session.exec(_WITH_ACCOUNT.where(StaffSession.token_digest == digest)).one_or_none()


def sessions_of(session: AnySession, username: str, now: datetime) -> Sequence[StaffSession]:
    """The sessions of an account that have neither ended nor come of age, the latest first."""
    query = select(StaffSession).where(
        StaffSession.username == username, col(StaffSession.ended_at).is_(None), StaffSession.expires_at > now
    )
    return session.exec(query.order_by(col(StaffSession.authenticated_at).desc(), StaffSession.id)).all()


def note_use(session: WriteSession, session_id: str, now: datetime) -> None:
    """Write down that a session is in use."""
    session.execute(update(StaffSession).where(col(StaffSession.id) == session_id).values(seen_at=now))


def end_session(session: WriteSession, session_id: str, now: datetime) -> bool:
    """End a session; False when it had ended."""
    done = session.execute(
        update(StaffSession)
        .where(col(StaffSession.id) == session_id, col(StaffSession.ended_at).is_(None))
        .values(ended_at=now)
    )
    return _count(done) == 1


def end_sessions_of(session: WriteSession, username: str, now: datetime) -> int:
    """End every session of an account; answers how many there were."""
    done = session.execute(
        update(StaffSession)
        .where(col(StaffSession.username) == username, col(StaffSession.ended_at).is_(None))
        .values(ended_at=now)
    )
    return _count(done)


def add_handover(session: WriteSession, digest: bytes, session_id: str, *, expires_at: datetime) -> None:
    """Keep a hand-over code."""
    session.add(HandoverCode(code_digest=digest, session=session_id, expires_at=expires_at))
    session.flush()


def take_handover(session: WriteSession, digest: bytes, now: datetime) -> str | None:
    """Use a hand-over code up; answers its session, or None when there is no such code in time."""
    query = select(HandoverCode).where(HandoverCode.code_digest == digest).with_for_update()
    row = session.exec(query).one_or_none()
    if row is None:
        return None
    session.delete(row)
    session.flush()
    return row.session if now < row.expires_at else None


def session_by_id(session: AnySession, session_id: str) -> tuple[StaffSession, StaffAccount, Agency] | None:
    """A session with its account and agency, whatever their state."""
    query = _WITH_ACCOUNT.where(StaffSession.id == session_id)
    return session.exec(query).one_or_none()


def attempts_key(username: str, address: str | None) -> str:
    """Under what failures are counted: of a username at an address, or with None at all addresses. A digest, since
    whoever guesses writes what he likes."""
    named = [username] if address is None else [username, address]
    return hashlib.sha256("\0".join(named).encode(errors="surrogatepass")).hexdigest()


def lock_attempts(session: WriteSession, key: str, now: datetime, *, free: int) -> Attempts:
    """The failed logins under a key, which nobody else counts until this transaction ends."""
    session.execute(_BEGIN_ATTEMPTS, {"key": key, "now": now})
    row = session.exec(select(LoginAttempt).where(LoginAttempt.key == key).with_for_update()).one()
    return Attempts(row.failures, row.last_at, row.succeeded_at, free)


def forget_attempts(session: WriteSession, username: str) -> None:
    """Forget the failures under a username from all addresses together; each address still waits for its own."""
    session.execute(delete(LoginAttempt).where(col(LoginAttempt.key) == attempts_key(username, None)))


def write_attempts(session: WriteSession, key: str, attempts: Attempts) -> None:
    """Keep a new count of failed logins."""
    session.execute(
        update(LoginAttempt)
        .where(col(LoginAttempt.key) == key)
        .values(failures=attempts.failures, last_at=attempts.last_at, succeeded_at=attempts.succeeded_at)
    )


def forget_old(session: WriteSession, now: datetime, kept_since: datetime) -> None:
    """Delete what no longer matters: old counts of failures, unused codes, sessions that came of age before an instant."""
    succeeded = col(LoginAttempt.succeeded_at)
    session.execute(
        delete(LoginAttempt).where(
            col(LoginAttempt.last_at) <= now - FORGOTTEN_AFTER,
            or_(succeeded.is_(None), succeeded <= now - REMEMBERED),
        )
    )
    session.execute(delete(HandoverCode).where(col(HandoverCode.expires_at) <= now))
    session.execute(delete(StaffSession).where(col(StaffSession.expires_at) < kept_since))


def _count(done: Any) -> int:
    assert isinstance(done, CursorResult)  # noqa: S101 - what an UPDATE answers
    return done.rowcount
