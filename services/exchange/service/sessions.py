"""Sessions of staff: who is behind a token, rechecked against the database at every request, and their ends."""

from datetime import datetime

from services.exchange.domain.credential import in_force
from services.exchange.service import staff
from services.exchange.service.audit import Actor, AdministrativeAct, record
from services.exchange.store import staff as store
from services.exchange.store.policy import bump_policy
from services.exchange.tables import Agency, StaffAccount, StaffSession
from services.kernel import opaque_tokens
from services.kernel.access import Role, StaffPrincipal
from services.kernel.clock import Clock, shanghai_day
from services.kernel.db import Database, WriteSession
from services.kernel.problems import Problem
from services.kernel.staff_sessions import SessionTimes


class SessionRegister:
    """A `StaffSource` over the exchange's own database: what ends there has ended in every process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def __call__(self, token: str) -> StaffPrincipal:
        """The staff member behind a token.

        Raises:
            Problem: `session_invalid`, whatever the reason.
        """
        now = self._clock()
        with self._database.read() as session:
            found = store.session_by_digest(session, opaque_tokens.digest_of(token))
        if found is None:
            raise Problem("session_invalid")
        row, account, agency = found
        times = times_of(row)
        if not is_in_use(row, account, agency, now):
            raise Problem("session_invalid")
        if times.must_note(now):
            with self._database.write("exchange.session_seen") as session:
                store.note_use(session, row.id, now)
        return StaffPrincipal(
            account.username, Role(account.role), account.agency, row.id, is_fresh=times.is_fresh(now)
        )


def is_in_use(row: StaffSession, account: StaffAccount, agency: Agency, now: datetime) -> bool:
    """Whether a session may be used: it lives, and so do its account and the account's agency."""
    return (
        times_of(row).is_live(now)
        and staff.status(account) == "active"
        and in_force(agency.valid_from, agency.valid_until, shanghai_day(now))
    )


def times_of(row: StaffSession) -> SessionTimes:
    """The instants of a session."""
    return SessionTimes(row.authenticated_at, row.seen_at, row.expires_at, row.ended_at)


def end_session(
    session: WriteSession, row: StaffSession, account: StaffAccount, *, now: datetime, actor: Actor
) -> None:
    """End a session now, here and the one in credit that came of it. Ending one that has ended changes nothing."""
    bump_policy(session)
    if store.end_session(session, row.id, now):
        record(
            session, actor, AdministrativeAct.SESSION_ENDED, subject=row.id, agency=account.agency, at=now,
            username=account.username,
        )  # fmt: skip
