"""Offline verification of receipts: a JWS in compact form (RFC 7515), ES256 and nothing else; pure.

The keys are a JWK set (RFC 7517) that the exchange publishes and only ever adds to.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

import jwt
import msgspec
from jwt.api_jws import PyJWS

from services.exchange.client.failures import InvalidReceiptError

TYPE: Final = "receipt+jws"


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt states: who (`sub`, an agency) pushed which body when, and what became of its items."""

    iss: str
    sub: str
    jti: str
    iat: int
    batch: str
    idempotency_key: str
    body_sha256: str
    verdicts_sha256: str
    counts: dict[str, int]


def verify(receipt: str, keys: list[dict[str, Any]]) -> Claims:
    """The claims of a receipt that one of the keys signed.

    The algorithm is pinned; key material that a header brings along is ignored (RFC 8725, 3.1 and 3.10).

    Raises:
        InvalidReceiptError: it is no receipt, is signed by no known key, or was changed.
    """
    header = read_header(receipt)
    if header.get("alg") != "ES256":
        raise InvalidReceiptError(f"the receipt is signed with {header.get('alg')!r}; only ES256 counts")
    if header.get("typ") != TYPE:
        raise InvalidReceiptError(f"the token is of type {header.get('typ')!r}, not a receipt")
    if "crit" in header:
        raise InvalidReceiptError("the receipt carries extensions that this client does not know")
    key = _key_named(keys, header.get("kid"))
    try:
        payload = PyJWS().decode(receipt, key.key, algorithms=["ES256"])
    except jwt.PyJWTError as error:
        raise InvalidReceiptError(
            "the signature does not hold: the receipt was changed, or another key signed it"
        ) from error
    try:
        claims = msgspec.json.decode(payload, type=Claims)
    except msgspec.DecodeError as error:
        raise InvalidReceiptError(f"the receipt is signed, but states something else: {error}") from error
    if claims.counts.get("total") != sum(count for name, count in claims.counts.items() if name != "total"):
        raise InvalidReceiptError("the counts of the receipt do not add up")
    return claims


def read_header(receipt: str) -> dict[str, Any]:
    """The unverified header of a compact JWS.

    Raises:
        InvalidReceiptError: the text is no compact JWS.
    """
    parts = receipt.split(".")
    if len(parts) != 3 or not all(parts):
        raise InvalidReceiptError("this is no receipt: a receipt has three parts between two full stops")
    try:
        content = base64.b64decode(parts[0] + "=" * (-len(parts[0]) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(content, type=dict[str, Any])
    except (binascii.Error, ValueError) as error:
        raise InvalidReceiptError(f"the header of the receipt cannot be read: {error}") from error


def check_body(claims: Claims, sha256: str) -> None:
    """Whether the receipt is about the body with this SHA-256.

    Raises:
        InvalidReceiptError: it is about another one.
    """
    if claims.body_sha256 != sha256:
        raise InvalidReceiptError(
            f"the receipt is about another body: it names {claims.body_sha256}, this is {sha256}"
        )


def check_verdicts(claims: Claims, sha256: str) -> None:
    """Whether the receipt is about the verdict list (NDJSON) with this SHA-256.

    Raises:
        InvalidReceiptError: it is about another one.
    """
    if claims.verdicts_sha256 != sha256:
        raise InvalidReceiptError(
            f"the verdicts are not the receipt's: it names {claims.verdicts_sha256}, this is {sha256}"
        )


def merge_keys(held: list[dict[str, Any]], published: Any) -> list[dict[str, Any]]:
    """All keys held and those newly published; a published set only grows, so none is ever dropped.

    Raises:
        InvalidReceiptError: the answer is no JWK set, or a known key id now names another key.
    """
    if not isinstance(published, list) or not all(isinstance(key, dict) for key in published):
        raise InvalidReceiptError("the published receipt keys are no JWK set")
    known = {key.get("kid"): key for key in held}
    for key in published:
        old = known.setdefault(key.get("kid"), key)
        if _material(old) != _material(key):
            raise InvalidReceiptError(
                f"the platform published another key under the known id {key.get('kid')!r}"
            )
    return list(known.values())


def _material(key: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(key.get(part) for part in ("kty", "crv", "x", "y"))


def _key_named(keys: list[dict[str, Any]], kid: Any) -> jwt.PyJWK:
    for key in keys:
        if key.get("kid") == kid and isinstance(kid, str):
            if key.get("kty") != "EC" or key.get("crv") != "P-256":
                raise InvalidReceiptError(f"the key {kid!r} is no P-256 key")
            try:
                return jwt.PyJWK(key, algorithm="ES256")
            except jwt.PyJWTError as error:
                raise InvalidReceiptError(f"the key {kid!r} cannot be read: {error}") from error
    raise InvalidReceiptError(f"no known key is called {kid!r}")
