"""Accounts of staff: names, passwords, states, and who may manage whom."""

import re
from datetime import datetime
from typing import Final, Literal

Status = Literal["invited", "active", "disabled"]

ROLES: Final = ("inspector", "agency_administrator", "platform_administrator", "auditor", "coordinator")
_GIVEN_BY: Final[dict[str, frozenset[str]]] = {
    "platform_administrator": frozenset(ROLES),
    "agency_administrator": frozenset({"inspector", "agency_administrator"}),
}
"""Which roles a role may give, and whose holders it may manage: nobody hands on more than it has."""

_USERNAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
_LONGEST_USERNAME: Final = 64
_RESERVED: Final = frozenset({"me", "sessions", "enrolments", "handovers"})
"""Parts of the API's own paths."""
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
_FEWEST_CHARACTERS: Final = 5


def status_of(*, enrolled_at: datetime | None, disabled_at: datetime | None) -> Status:
    """What its instants make of an account."""
    if disabled_at is not None:
        return "disabled"
    return "active" if enrolled_at is not None else "invited"


def is_username(text: str) -> bool:
    """Whether a text can be a username: lower-case letters and digits, in parts joined by `.`, `_` or `-`."""
    return 3 <= len(text) <= _LONGEST_USERNAME and bool(_USERNAME.fullmatch(text)) and text not in _RESERVED


def may_manage(actor_role: str, role: str) -> bool:
    """Whether a role may give another, and manage accounts that hold it."""
    return role in _GIVEN_BY.get(actor_role, frozenset())


def password_objections(password: str, *, username: str) -> list[str]:
    """Why a password is not taken; none when it is. Length counts, not classes of characters (NIST SP 800-63B, 3.1.1)."""
    found = []
    if len(password) < SHORTEST_PASSWORD:
        found.append(f"a password has at least {SHORTEST_PASSWORD} characters")
    if len(password) > LONGEST_PASSWORD:
        found.append(f"a password has at most {LONGEST_PASSWORD} characters")
    if len(set(password)) < _FEWEST_CHARACTERS:
        found.append(f"a password has at least {_FEWEST_CHARACTERS} different characters")
    if username in password.lower():
        found.append("a password does not contain the username")
    return found
