"""Setting an account up: whoever holds the invitation's code sees the new second factor and chooses the password."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from services.exchange.context import Exchange
from services.exchange.domain.staff import password_objections
from services.exchange.service import totp
from services.exchange.service.administration import refuse_for
from services.exchange.service.audit import Actor, AdministrativeAct, record
from services.exchange.store import staff as store
from services.exchange.store.policy import bump_policy
from services.exchange.tables import StaffAccount, StaffEnrolment
from services.kernel import opaque_tokens, passwords
from services.kernel.db import AnySession


class NoSuchEnrolment(Exception):  # noqa: N818 - says what there is not
    """There is no such invitation, it is over or used up, or the code is another's; nobody learns which."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An invitation as its person sees it."""

    username: str
    name: str
    role: str
    agency: str
    totp_secret: str
    expires_at: datetime

    @property
    def totp_address(self) -> str:
        """The second factor for an authenticator."""
        return totp.address_of(self.totp_secret, self.username)


def open_invitation(exchange: Exchange, enrolment: str, code: str) -> Opened:
    """Show an invitation to whoever holds its code; it can be shown again until it is used.

    Raises:
        NoSuchEnrolment: there is none that this code opens.
    """
    with exchange.database.read() as session:
        row, account = _find(session, enrolment, code, exchange.clock())
    secret = exchange.sealer(totp.SEAL_PURPOSE).open(row.totp_sealed).decode()
    return Opened(account.username, account.name, account.role, account.agency, secret, row.expires_at)


def enrol(exchange: Exchange, enrolment: str, code: str, *, password: str, totp_code: str) -> str:
    """Set an account's password and second factor, and use the invitation up; answers the username.

    Raises:
        NoSuchEnrolment: there is none that this code opens.
        AdministrationRefused: the password is not taken, or the authenticator shows another code.
    """
    now = exchange.clock()
    opened = open_invitation(exchange, enrolment, code)
    step = totp.step_of(opened.totp_secret, totp_code, now)
    refuse_for(
        *password_objections(password, username=opened.username),
        "the code is not the one that the authenticator shows now" if step is None else "",
    )
    hashed = passwords.hash_password(password)
    with exchange.database.write("exchange.staff_enrolled") as session:
        bump_policy(session)
        account = store.lock_account(session, opened.username)
        row, _ = _find(session, enrolment, code, now)
        if account is None or not store.close_enrolment(session, enrolment, now):
            raise NoSuchEnrolment
        account.password_hash, account.totp_sealed = hashed, row.totp_sealed
        account.totp_step, account.enrolled_at = step or 0, now
        session.flush()
        actor = Actor(account.username)
        record(
            session,
            actor,
            AdministrativeAct.STAFF_ENROLLED,
            subject=account.username,
            agency=account.agency,
            at=now,
        )
    return opened.username


def _find(
    session: AnySession, enrolment: str, code: str, now: datetime
) -> tuple[StaffEnrolment, StaffAccount]:
    row = store.open_enrolment(session, enrolment, now)
    if row is None or not hmac.compare_digest(row.code_digest, opaque_tokens.digest_of(code)):
        raise NoSuchEnrolment
    account = store.find_account(session, row.username)
    if account is None or account.disabled_at is not None:
        raise NoSuchEnrolment
    return row, account
