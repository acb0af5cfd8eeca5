"""Accounts of staff: invite, disable, enable, change the role, set up anew.

Callers hold the `WriteSession`; a refusal is an `AdministrationRefused`. Each act leaves its audit entry, and what
takes rights away ends the account's sessions in the same transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from services.exchange.domain.staff import is_username, password_objections, status_of
from services.exchange.service import totp
from services.exchange.service.administration import AdministrationRefused, refuse_for
from services.exchange.service.audit import Actor, AdministrativeAct, record
from services.exchange.store import staff as store
from services.exchange.store.policy import bump_policy
from services.exchange.tables import Agency, StaffAccount, StaffEnrolment
from services.kernel import opaque_tokens
from services.kernel.access import Role
from services.kernel.db import WriteSession
from services.kernel.passwords import hash_password
from services.kernel.sealing import Sealer

INVITATION_LIVES: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the invited person needs; the code is answered once and not kept."""

    username: str
    enrolment: str
    code: str
    expires_at: datetime


def invite_staff(
    session: WriteSession,
    sealer: Sealer,
    *,
    username: str,
    name: str,
    role: str,
    agency: str,
    now: datetime,
    actor: Actor,
) -> Invitation:
    """A new account, and the invitation by which its person sets it up.

    Raises:
        AdministrationRefused: username, name, role or agency do not fit, or the username was given before.
    """
    refuse_for(
        f"username {username!r} is not 3 to 64 lower-case letters and digits in parts joined by . _ or -"
        if not is_username(username)
        else "",
        f"username {username!r} was given before"
        if is_username(username) and store.find_account(session, username)
        else "",
        "an account has the name of its person" if not name.strip() else "",
        f"role {role!r} is unknown; one of {', '.join(Role)}" if role not in set(Role) else "",
        f"agency {agency!r} is unknown" if session.get(Agency, agency) is None else "",
    )
    row = StaffAccount(username=username, name=name.strip(), role=role, agency=agency, invited_at=now)
    session.add(row)
    session.flush()
    _record(session, actor, AdministrativeAct.STAFF_INVITED, row, now, role=role)
    return _open_enrolment(session, sealer, username, now)


def reset_staff(
    session: WriteSession, sealer: Sealer, *, username: str, now: datetime, actor: Actor
) -> Invitation:
    """Take an account's password and second factor away, end its sessions, and invite its person anew.

    Raises:
        AdministrationRefused: there is no such account, or it is disabled.
    """
    row = _known(session, username)
    refuse_for(f"account {username} is disabled" if row.disabled_at is not None else "")
    row.password_hash = row.totp_sealed = row.enrolled_at = None
    store.end_sessions_of(session, username, now)
    store.forget_attempts(session, username)
    session.flush()
    _record(session, actor, AdministrativeAct.STAFF_RESET, row, now)
    return _open_enrolment(session, sealer, username, now)


def enter_staff(
    session: WriteSession,
    sealer: Sealer,
    *,
    username: str,
    password: str,
    totp_secret: str,
    now: datetime,
    actor: Actor,
) -> None:
    """Set an invited account up by hand, without its person: for a demo, whose accounts belong to nobody.

    Raises:
        AdministrationRefused: there is no such account, or the password is not taken.
    """
    row = _known(session, username)
    refuse_for(*password_objections(password, username=username))
    store.close_enrolments_of(session, username, now)
    row.password_hash, row.totp_sealed = hash_password(password), sealer.seal(totp_secret.encode())
    row.enrolled_at = now
    session.flush()
    _record(session, actor, AdministrativeAct.STAFF_ENROLLED, row, now)


def disable_staff(session: WriteSession, *, username: str, now: datetime, actor: Actor) -> None:
    """Let nobody use an account any more, from now on. Disabling one that is disabled changes nothing.

    Raises:
        AdministrationRefused: there is no such account.
    """
    row = _known(session, username)
    if row.disabled_at is not None:
        return
    row.disabled_at = now
    ended = store.end_sessions_of(session, username, now)
    store.close_enrolments_of(session, username, now)
    session.flush()
    _record(session, actor, AdministrativeAct.STAFF_DISABLED, row, now, sessions_ended=ended)


def enable_staff(session: WriteSession, *, username: str, now: datetime, actor: Actor) -> None:
    """Let a disabled account be used again, with the password and second factor that it had.

    Raises:
        AdministrationRefused: there is no such account.
    """
    row = _known(session, username)
    if row.disabled_at is None:
        return
    row.disabled_at = None
    session.flush()
    _record(session, actor, AdministrativeAct.STAFF_ENABLED, row, now)


def change_role(session: WriteSession, *, username: str, role: str, now: datetime, actor: Actor) -> None:
    """Give an account another role; its sessions end, so that nobody goes on with rights that are over.

    Raises:
        AdministrationRefused: there is no such account or role.
    """
    row = _known(session, username)
    refuse_for(f"role {role!r} is unknown; one of {', '.join(Role)}" if role not in set(Role) else "")
    if row.role == role:
        return
    before, row.role = row.role, role
    store.end_sessions_of(session, username, now)
    session.flush()
    _record(session, actor, AdministrativeAct.STAFF_ROLE_CHANGED, row, now, before=before, after=role)


def status(row: StaffAccount) -> str:
    """What an account's instants make of it."""
    return status_of(enrolled_at=row.enrolled_at, disabled_at=row.disabled_at)


def _open_enrolment(session: WriteSession, sealer: Sealer, username: str, now: datetime) -> Invitation:
    store.close_enrolments_of(session, username, now)
    code = opaque_tokens.make_token(opaque_tokens.ENROLMENT)
    row = StaffEnrolment(
        id=f"enr_{uuid4().hex}",
        username=username,
        code_digest=opaque_tokens.digest_of(code),
        totp_sealed=sealer.seal(totp.new_secret().encode()),
        created_at=now,
        expires_at=now + INVITATION_LIVES,
    )
    session.add(row)
    session.flush()
    return Invitation(username, row.id, code, row.expires_at)


def _known(session: WriteSession, username: str) -> StaffAccount:
    bump_policy(
        session
    )  # its lock comes first everywhere, so that two administrators cannot wait for each other
    row = store.lock_account(session, username)
    if row is None:
        raise AdministrationRefused(f"account {username!r} is unknown")
    return row


def _record(
    session: WriteSession,
    actor: Actor,
    act: AdministrativeAct,
    row: StaffAccount,
    now: datetime,
    **details: object,
) -> None:
    record(session, actor, act, subject=row.username, agency=row.agency, at=now, **details)
