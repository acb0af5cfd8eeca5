"""Logging in: password and code together, one answer whatever was wrong, and a wait that doubles after failures.

An attempt is counted before anything is compared, so that attempts side by side do not escape the count. Unknown names
are counted like known ones and cost the same hash. Who waits is the address that fails, not the account.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from services.exchange.context import Exchange
from services.exchange.domain.credential import in_force
from services.exchange.domain.login import FREE_ELSEWHERE, FREE_FAILURES
from services.exchange.domain.staff import LONGEST_PASSWORD, is_username
from services.exchange.service import staff, totp
from services.exchange.service.audit import Actor, AdministrativeAct, record
from services.exchange.store import staff as store
from services.exchange.tables import Agency, StaffAccount, StaffSession
from services.kernel import opaque_tokens, passwords
from services.kernel.clock import shanghai_day
from services.kernel.db import WriteSession
from services.kernel.staff_sessions import LONGEST

log = structlog.get_logger(__name__)


class LoginRefused(Exception):  # noqa: N818 - says what happened to the login
    """The login failed; the reason is for the log, never for the caller."""


class LoginLocked(Exception):  # noqa: N818 - says what happened to the login
    """Too many logins under this username failed; the next is looked at after a while."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(str(wait))
        self.wait = wait


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session; its token is answered once."""

    token: str
    id: str


def log_in(
    exchange: Exchange, *, username: str, password: str, code: str, user_agent: str, address: str
) -> OpenedSession:
    """Open a session for whoever knows an account's password and holds its second factor.

    Raises:
        LoginRefused: there is no such account in use, or password or code are wrong, or the code was used before.
        LoginLocked: too many attempts failed just now.
    """
    try:
        return _log_in(exchange, username, password, code, user_agent, address)
    except LoginRefused as refusal:
        log.warning("login_refused", username=username[:64], reason=str(refusal))
        raise


def _log_in(
    exchange: Exchange, username: str, password: str, code: str, user_agent: str, address: str
) -> OpenedSession:
    now = exchange.clock()
    if not is_username(username):
        passwords.matches(None, password[:LONGEST_PASSWORD])
        raise LoginRefused("malformed")
    _count_attempt(exchange, username, address, now)
    with exchange.database.read() as session:
        account = store.find_account(session, username)
        agency = session.get(Agency, account.agency) if account else None
    known = account.password_hash if account else None
    matched = passwords.matches(known, password[: LONGEST_PASSWORD + 1])
    if account is None or agency is None or not matched:
        raise LoginRefused("password" if account else "unknown")
    if not _is_in_use(account, agency, now):
        raise LoginRefused("not_in_use")
    step = _step(exchange, account, code, now)
    if step is None:
        raise LoginRefused("code")
    rehashed = passwords.hash_password(password) if passwords.is_outdated(known or "") else None
    with exchange.database.write("exchange.staff_logged_in") as session:
        locked = store.lock_account(session, username)
        if locked is None or locked.password_hash != known or not _is_in_use(locked, agency, now):
            raise LoginRefused("changed_meanwhile")
        if not store.use_step(session, username, step):
            raise LoginRefused("code_used")
        locked.password_hash = rehashed or locked.password_hash
        locked.last_login_at = now
        _count_success(session, username, address, now)
        return open_session(session, locked, now=now, user_agent=user_agent)


def open_session(
    session: WriteSession, account: StaffAccount, *, now: datetime, user_agent: str
) -> OpenedSession:
    """A session of an account that has just proved itself."""
    token = opaque_tokens.make_token(opaque_tokens.SESSION)
    row = StaffSession(
        id=f"ses_{uuid4().hex}",
        username=account.username,
        token_digest=opaque_tokens.digest_of(token),
        user_agent="".join(char for char in user_agent if char.isprintable())[:200],
        authenticated_at=now,
        seen_at=now,
        expires_at=now + LONGEST,
    )
    session.add(row)
    session.flush()
    record(
        session,
        Actor(account.username, row.id),
        AdministrativeAct.SESSION_OPENED,
        subject=row.id,
        agency=account.agency,
        at=now,
    )
    return OpenedSession(token, row.id)


def _count_attempt(exchange: Exchange, username: str, address: str, now: datetime) -> None:
    here, anywhere = store.attempts_key(username, address), store.attempts_key(username, None)
    with exchange.database.write("exchange.login_attempted") as session:
        counted = {here: store.lock_attempts(session, here, now, free=FREE_FAILURES)}
        if not counted[here].is_known(now):
            counted[anywhere] = store.lock_attempts(session, anywhere, now, free=FREE_ELSEWHERE)
        wait = max(attempts.wait(now) for attempts in counted.values())
        if not wait:
            for key, attempts in counted.items():
                store.write_attempts(session, key, attempts.one_more(now))
    if wait:
        log.warning("login_locked", username=username, failures=counted[here].failures)
        raise LoginLocked(wait)


def _count_success(session: WriteSession, username: str, address: str, now: datetime) -> None:
    here, anywhere = store.attempts_key(username, address), store.attempts_key(username, None)
    counted = store.lock_attempts(session, here, now, free=FREE_FAILURES)
    if not counted.is_known(now):
        everywhere = store.lock_attempts(session, anywhere, now, free=FREE_ELSEWHERE)
        store.write_attempts(session, anywhere, everywhere.one_less())
    store.write_attempts(session, here, counted.success(now))


def _is_in_use(account: StaffAccount, agency: Agency, now: datetime) -> bool:
    return staff.status(account) == "active" and in_force(
        agency.valid_from, agency.valid_until, shanghai_day(now)
    )


def _step(exchange: Exchange, account: StaffAccount, code: str, now: datetime) -> int | None:
    if account.totp_sealed is None:
        return None
    secret = exchange.sealer(totp.SEAL_PURPOSE).open(account.totp_sealed).decode()
    return totp.step_of(secret, code, now)
