"""Passwords: kept as argon2id hashes, compared at the same cost whether there is one or not.

A hash takes 64 MiB and about a tenth of a second, so that guessing is dear; only a few are computed at once, so that
a flood of logins costs callers their patience and not the machine its memory.
"""

from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

AT_ONCE: Final = 4
_hasher: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_turn: Final = BoundedSemaphore(AT_ONCE)
_NOBODYS: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$GcVKPac3PIABf2pFtrn9mw$ay9987YynOgNLPMlzUZZHUt1T9i3fLTynI/ZZoe2eyg"
)
"""Stands in where there is no hash: it costs the same, and what it matches counts for nothing."""


def hash_password(password: str) -> str:
    """The hash of a password, with its salt and parameters in it."""
    with _turn:
        return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the one behind a hash; without a hash never, after the same work."""
    with _turn:
        try:
            _hasher.verify(stored or _NOBODYS, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(stored)
