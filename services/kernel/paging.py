"""Opaque cursors: what a client carries from page to page, sealed against forgery and bound to its caller.

A cursor is `base64url(payload ‖ tag)`; the tag is a keyed hash over the payload and the binding (caller, filters), so
that a cursor of another caller or for other filters is refused like one that was made up.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

import msgspec

from services.kernel.problems import Problem

_TAG_BYTES = 12


def encode(key: bytes, values: list[int | str | None], *, binding: str) -> str:
    """A cursor that carries `values`, valid only together with the same binding."""
    payload = msgspec.json.encode(values)
    return base64.urlsafe_b64encode(payload + _tag(key, payload, binding)).rstrip(b"=").decode()


def decode(
    key: bytes, cursor: str, *, binding: str | None = None, bindings: Sequence[str] = ()
) -> list[int | str | None]:
    """The values of a cursor.

    Raises:
        Problem: `cursor_invalid` when it was not made here for this binding, or one of these.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise Problem("cursor_invalid") from None
    payload, tag = raw[:-_TAG_BYTES], raw[-_TAG_BYTES:]
    good = bindings if binding is None else (binding, *bindings)
    if not payload or not any(hmac.compare_digest(tag, _tag(key, payload, bound)) for bound in good):
        raise Problem("cursor_invalid")
    values: list[int | str | None] = msgspec.json.decode(payload)
    return values


def _tag(key: bytes, payload: bytes, binding: str) -> bytes:
    return hashlib.blake2b(payload + b"\0" + binding.encode(), key=key[:64], digest_size=_TAG_BYTES).digest()
