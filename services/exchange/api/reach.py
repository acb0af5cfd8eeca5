"""How far a staff member reaches: the platform's roles everywhere, others to their agency and all that reports to it.

What is out of reach is answered like what does not exist.
"""

from collections.abc import Collection
from typing import Final

from services.exchange.context import Exchange
from services.exchange.domain.staff import may_manage
from services.exchange.service.audit import Actor
from services.exchange.store.staff import find_account
from services.exchange.tables import Credential, StaffAccount
from services.kernel.access import Role, StaffPrincipal
from services.kernel.db import AnySession
from services.kernel.problems import Problem

_EVERYWHERE: Final = frozenset({Role.PLATFORM_ADMINISTRATOR, Role.AUDITOR, Role.COORDINATOR})


def reaches(exchange: Exchange, caller: StaffPrincipal, agency: str) -> bool:
    """Whether an agency is within a staff member's reach."""
    policy = exchange.policy()
    if caller.role in _EVERYWHERE:
        return agency in policy.agency
    return policy.is_within(agency, caller.agency)


def require_reach(exchange: Exchange, caller: StaffPrincipal, agency: str) -> None:
    """Refuse what lies out of reach.

    Raises:
        Problem: `not_found`.
    """
    if not reaches(exchange, caller, agency):
        raise Problem("not_found")


def agencies_in_reach(
    exchange: Exchange, caller: StaffPrincipal, asked: str | None = None
) -> Collection[str] | None:
    """The agencies whose things a list shows: all in reach, or the one that was asked for. None stands for every one.

    Raises:
        Problem: `not_found` when the one asked for is out of reach.
    """
    if asked is not None:
        require_reach(exchange, caller, asked)
        return (asked,)
    if caller.role in _EVERYWHERE:
        return None
    policy = exchange.policy()
    return [agency for agency in policy.agency if policy.is_within(agency, caller.agency)]


def account_in_reach(
    exchange: Exchange, session: AnySession, caller: StaffPrincipal, username: str
) -> StaffAccount:
    """An account within a staff member's reach.

    Raises:
        Problem: `not_found`.
    """
    account = find_account(session, username)
    if account is None or not reaches(exchange, caller, account.agency):
        raise Problem("not_found")
    return account


def require_power_over(caller: StaffPrincipal, *roles: str) -> None:
    """Refuse an administrator who would give, or manage the holder of, a role above its own.

    Raises:
        Problem: `role_missing`.
    """
    if not all(may_manage(caller.role, role) for role in roles):
        raise Problem("role_missing", roles=Role.PLATFORM_ADMINISTRATOR)


def actor(caller: StaffPrincipal) -> Actor:
    """A staff member as the audit names it."""
    return Actor(caller.username, caller.session)


def credential_in_reach(
    exchange: Exchange, session: AnySession, caller: StaffPrincipal, client_id: str
) -> Credential:
    """A credential of an agency within a staff member's reach.

    Raises:
        Problem: `not_found`.
    """
    row = session.get(Credential, client_id)
    if row is None or not reaches(exchange, caller, row.agency):
        raise Problem("not_found")
    return row
