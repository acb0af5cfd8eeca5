"""Client secrets: `zxs_`, 32 random bytes in base 62, and a checksum, so that a leaked one is recognised by its form.

A scanner of repositories or logs can tell a secret of ours from other text without asking anyone; and only a keyed
hash of it is ever stored. With 256 random bits no slow hash is needed.
"""

import hashlib
import hmac
import re
import zlib
from typing import Final

PREFIX: Final = "zxs_"
ENTROPY_BYTES: Final = 32
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_LENGTH: Final = 43
_CHECKSUM_LENGTH: Final = 6
_FORM: Final = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_RANDOM_LENGTH + _CHECKSUM_LENGTH}}}")


def compose(entropy: bytes) -> str:
    """The secret made of random bytes.

    Raises:
        ValueError: there are not exactly `ENTROPY_BYTES` of them.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"a secret is made of {ENTROPY_BYTES} random bytes")
    body = _digits(int.from_bytes(entropy, "big"), _RANDOM_LENGTH)
    return PREFIX + body + _checksum(body)


def is_well_formed(secret: str) -> bool:
    """Whether the text has the form and the checksum of a secret; says nothing about whose it is."""
    if not _FORM.fullmatch(secret):
        return False
    body = secret[len(PREFIX) : -_CHECKSUM_LENGTH]
    return _checksum(body) == secret[-_CHECKSUM_LENGTH:]


def keyed_hash(key: bytes, secret: str) -> bytes:
    """What is stored of a secret: HMAC-SHA256 under a key that lives outside the database."""
    return hmac.digest(key, secret.encode(), hashlib.sha256)


def matches(stored: bytes, key: bytes, secret: str) -> bool:
    """Whether a secret is the stored one, in a time that does not depend on how much of it agrees."""
    return hmac.compare_digest(stored, keyed_hash(key, secret))


def _checksum(body: str) -> str:
    return _digits(zlib.crc32((PREFIX + body).encode()), _CHECKSUM_LENGTH)


def _digits(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
