"""Opaque tokens: 256 random bits behind a prefix that says what they are for; only their digest is ever stored.

The prefix tells a session from a signed token without trying either, and lets a scanner of logs and repositories
recognise one that leaked. With 256 random bits a plain digest is enough.
"""

import hashlib
import secrets
from typing import Final

SESSION: Final = "zxt_"
ENROLMENT: Final = "zxe_"
HANDOVER: Final = "zxh_"
DIGEST_BYTES: Final = 32


def make_token(prefix: str) -> str:
    """A new token of a use."""
    return prefix + secrets.token_urlsafe(32)


def digest_of(token: str) -> bytes:
    """What is stored of a token, and what it is found by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
