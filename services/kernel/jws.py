"""A compact JWS taken apart strictly, before anything in it is believed (RFC 7515, 5.2).

Libraries read base64url and JSON leniently: characters that do not belong are skipped, of a repeated member the last
one counts. Then one token has many spellings, and a check of one reading can be passed by another. Here a token has one
spelling, and a member occurs once.
"""

import base64
import binascii
import json
import re
from typing import Any, Final, NamedTuple, Never

LONGEST: Final = 4_096
"""Characters: several times what any honest token of ours or of a client needs."""
_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_ES256_BYTES: Final = 64


class NotCompact(Exception):  # noqa: N818 - names what the text is
    """The text is no JWS by ES256 in its one compact spelling."""


class Parts(NamedTuple):
    """Header and claims as they stand; nothing is verified yet."""

    header: dict[str, Any]
    claims: dict[str, Any]


def take_apart(token: str) -> Parts:
    """The header and the claims of a compact JWS.

    Raises:
        NotCompact: it is too long, not three parts of canonical base64url, not two JSON objects without repeated
            members, or its signature has not the length of one by ES256.
    """
    found = _FORM.fullmatch(token) if len(token) <= LONGEST else None
    if found is None:
        raise NotCompact
    header, claims, signature = (_decoded(part) for part in found.groups())
    if len(signature) != _ES256_BYTES:
        raise NotCompact
    return Parts(_object(header), _object(claims))


def _decoded(part: str) -> bytes:
    try:
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise NotCompact from None
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != part.encode():
        raise NotCompact  # bits of the last character that no byte uses
    return decoded


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotCompact from None
    if not isinstance(value, dict):
        raise NotCompact
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotCompact
    return members


def _refuse(_: str) -> Never:
    raise NotCompact  # NaN and the infinities are no JSON
