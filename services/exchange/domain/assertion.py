"""Client assertions: what a signed statement must say to prove a client, once (RFC 7523, section 3).

The audience is the issuer and nothing else: a server that accepts the address of its token endpoint too can be made
to accept an assertion that was meant for another (CVE-2025-27370, CVE-2025-27371).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

LONGEST_LIFE: Final = timedelta(minutes=5)
CLOCK_SKEW: Final = timedelta(seconds=5)
ALGORITHM: Final = "ES256"
_TYPES: Final = (None, "JWT", "client-authentication+jwt")
_HEADERS: Final = frozenset({"alg", "typ", "kid"})
_LONGEST_JTI: Final = 128

Fault = Literal[
    "header", "issuer", "subject", "audience", "jti", "time_missing", "expired", "too_long", "not_yet"
]


@dataclass(frozen=True, slots=True)
class Sound:
    """An assertion that may be used, if it has not been used yet: remember `jti` until `expires_at`."""

    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Unsound:
    """An assertion that is refused, and why."""

    fault: Fault


def is_plain_header(header: Mapping[str, Any]) -> bool:
    """Whether a header names our algorithm and brings nothing of its own: no key, no extension."""
    return header.get("alg") == ALGORITHM and header.get("typ") in _TYPES and header.keys() <= _HEADERS


def judge(claims: Mapping[str, Any], *, client_id: str, issuer: str, now: datetime) -> Sound | Unsound:
    """Whether the claims of an assertion, its signature already verified, prove the client to this issuer now."""
    if claims.get("iss") != client_id:
        return Unsound("issuer")
    if claims.get("sub") != client_id:
        return Unsound("subject")
    if claims.get("aud") not in (issuer, [issuer]):
        return Unsound("audience")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= _LONGEST_JTI or not jti.isprintable():
        return Unsound("jti")
    return _judge_times(claims, jti, now)


def _judge_times(claims: Mapping[str, Any], jti: str, now: datetime) -> Sound | Unsound:
    expires_at = _instant(claims.get("exp"))
    if expires_at is None:
        return Unsound("time_missing")
    if expires_at <= now:
        return Unsound("expired")
    if expires_at > now + LONGEST_LIFE + CLOCK_SKEW:
        return Unsound("too_long")
    for name in ("iat", "nbf"):
        if name in claims:
            instant = _instant(claims[name])
            if instant is None or instant > now + CLOCK_SKEW:
                return Unsound("not_yet")
    return Sound(jti, expires_at)


def _instant(value: Any) -> datetime | None:
    """A NumericDate (RFC 7519, 2) as an instant; None for anything else, numbers beyond the calendar included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
