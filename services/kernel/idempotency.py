"""Idempotency keys: a request that creates bears one, and sent again with the same body gets the first answer again."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from services.kernel.problems import Problem

HEADER: Final = "Idempotency-Key"
LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Key:
    """A key on a route, with the fingerprint of the body that came with it."""

    route: str
    value: str
    fingerprint: str


def read_key(given: Sequence[str]) -> str:
    """The key of a request's headers, of which there is just one: 1 to 200 visible characters.

    Raises:
        Problem: `idempotency_key_missing`.
    """
    if (
        len(given) != 1
        or not 1 <= len(given[0]) <= LENGTH
        or not all("!" <= character <= "~" for character in given[0])
    ):
        raise Problem("idempotency_key_missing")
    return given[0]


def fingerprint_of(body: bytes) -> str:
    """What tells whether two bodies are the same."""
    return sha256(body).hexdigest()


def refuse_other_body(key: Key, fingerprint: str) -> None:
    """A key that was used with another body is not used again.

    Raises:
        Problem: `idempotency_key_reused`.
    """
    if key.fingerprint != fingerprint:
        raise Problem("idempotency_key_reused")
