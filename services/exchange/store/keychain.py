"""Signing keys in memory: unsealed once a minute, so that a token costs one signature and no query for its key."""

from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

from services.exchange.store.keys import Use, published_jwks, unretired_keys
from services.kernel.clock import Clock
from services.kernel.db import Database
from services.kernel.sealing import Sealer
from services.kernel.tokens import SigningKey

PURPOSE: Final = "signing-key"
_REREAD_AFTER: Final = timedelta(seconds=60)
"""Far below the time by which a key is published ahead, so that every process knows a key before it signs."""


class NoSigningKey(Exception):  # noqa: N818 - names what is missing
    """No key of this use signs at this instant: the service was never started, or its keys were tampered with."""


class KeyChain:
    """The private keys of one exchange and the public ones that it publishes."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database, self._sealer, self._clock = database, sealer, clock
        self._lock = Lock()
        self._read_at: datetime | None = None
        self._keys: list[tuple[str, datetime, datetime | None, SigningKey]] = []
        self._published: dict[Use, dict[str, Any]] = {}

    def signing_key(self, use: Use, now: datetime) -> SigningKey:
        """The key of a use that signs at an instant.

        Raises:
            NoSigningKey: there is none.
            cryptography.exceptions.InvalidTag: a key was sealed under another secret than the service's.
        """
        self._refresh(now)
        for of, active_from, retired_at, key in reversed(self._keys):
            if of == use and active_from <= now and (retired_at is None or now < retired_at):
                return key
        raise NoSigningKey(use)

    def jwks(self, use: Use) -> dict[str, Any]:
        """The public keys of a use as a JWK set, at most a minute old."""
        self._refresh(self._clock())
        return self._published[use]

    def forget(self) -> None:
        """Read again at the next question."""
        self._read_at = None

    def _refresh(self, now: datetime) -> None:
        read_at = self._read_at
        if read_at is not None and abs(now - read_at) < _REREAD_AFTER:
            return
        with self._lock, self._database.read() as session:
            self._keys = [
                (
                    row.use,
                    row.active_from,
                    row.retired_at,
                    SigningKey.from_pem(self._sealer.open(row.sealed_pem)),
                )
                for row in unretired_keys(session, now)
            ]
            self._published = {
                "access": published_jwks(session, "access", now),
                "receipt": published_jwks(session, "receipt", now),
            }
            self._read_at = now
