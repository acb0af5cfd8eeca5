"""When a credential may be used, and which scopes a token of it carries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

Method = Literal["secret", "private_key_jwt"]
Status = Literal["pending", "active", "retiring", "revoked", "expired"]
USABLE: Final[tuple[Status, ...]] = ("active", "retiring")

OVERLAP: Final = timedelta(days=7)
"""How long an old credential still works after its rotation, unless told otherwise."""
LONGEST_OVERLAP: Final = timedelta(days=30)
WARNED_AHEAD: Final = timedelta(days=30)
"""How long before its end a credential's holder is told of it."""


def status_of(
    *,
    expires_at: datetime | None,
    revoked_at: datetime | None,
    now: datetime,
    active_from: datetime | None = None,
    successor: str | None = None,
) -> Status:
    """What its instants make of a credential; a revocation outweighs the end of its time.

    One that has a successor is `retiring`: it works as before, and its end is near.
    """
    if revoked_at is not None and revoked_at <= now:
        return "revoked"
    if expires_at is not None and expires_at <= now:
        return "expired"
    if active_from is not None and now < active_from:
        return "pending"
    return "active" if successor is None else "retiring"


def nearing_end(expires_at: datetime | None, now: datetime) -> datetime | None:
    """The end of a credential when it is near enough to warn of it."""
    return expires_at if expires_at is not None and expires_at - now <= WARNED_AHEAD else None


def in_force(valid_from: date, valid_until: date | None, on: date) -> bool:
    """Whether something with a first and a last day is in force on a day."""
    return valid_from <= on and (valid_until is None or on <= valid_until)


@dataclass(frozen=True, slots=True)
class Granted:
    """The scopes that a token shall carry."""

    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Refused:
    """The scopes that were asked for and may not be had."""

    scopes: frozenset[str]


def decide_scopes(
    requested: Iterable[str] | None, *, allowed: frozenset[str], narrowed_to: Iterable[str] | None
) -> Granted | Refused:
    """Which scopes a token carries: what is asked for, or all of the credential's.

    `allowed` follows from the agency's live grants; `narrowed_to` is the credential's own restriction. To ask for
    more than both give is refused as a whole (RFC 6749, 5.2), so that a client never works with less than it thinks.
    """
    own = allowed if narrowed_to is None else allowed & frozenset(narrowed_to)
    if requested is None:
        return Granted(own)
    wanted = frozenset(requested)
    return Granted(wanted) if wanted and wanted <= own else Refused(wanted - own)


def end_of_token(now: datetime, *, lifetime: timedelta, ends: Iterable[datetime | None]) -> datetime:
    """When an access token ends: after its lifetime, and never after what it rests on."""
    return min([now + lifetime, *(end for end in ends if end is not None)])
