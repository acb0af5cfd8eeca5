"""Rotation of signing keys: published first, signing later, and still published until nothing that it signed lives."""

from datetime import datetime, timedelta
from typing import Final

from services.exchange.store.keys import Use, add_key, unretired_keys
from services.exchange.store.policy import bump_policy
from services.exchange.tables import SigningKey as SigningKeyRow
from services.kernel.db import Database, WriteSession
from services.kernel.sealing import Sealer
from services.kernel.tokens import SigningKey

USES: Final[tuple[Use, ...]] = ("access", "receipt")
PUBLISHED_AHEAD: Final = timedelta(minutes=15)
"""Between a key's publication and its first signature: longer than anybody may keep the key set (five minutes)."""


def ensure_signing_keys(database: Database, sealer: Sealer, now: datetime) -> None:
    """Give a new exchange its first keys, which sign at once; does nothing afterwards."""
    with database.read() as session:
        if {row.use for row in unretired_keys(session, now)} >= set(USES):
            return
    with database.write("signing_keys_first") as session:
        bump_policy(session)  # its lock lets one of two starting processes through
        present = {row.use for row in unretired_keys(session, now)}
        for use in USES:
            if use not in present:
                add_key(session, _new_key(use, sealer, now=now, active_from=now))


def rotate_signing_key(session: WriteSession, sealer: Sealer, use: Use, now: datetime) -> SigningKeyRow:
    """Publish a new key of a use, which takes over after `PUBLISHED_AHEAD`."""
    bump_policy(session)
    row = _new_key(use, sealer, now=now, active_from=now + PUBLISHED_AHEAD)
    add_key(session, row)
    return row


def _new_key(use: Use, sealer: Sealer, *, now: datetime, active_from: datetime) -> SigningKeyRow:
    key = SigningKey.generate()
    return SigningKeyRow(
        kid=key.kid,
        use=use,
        sealed_pem=sealer.seal(key.pem.encode()),
        public_jwk=key.jwk,
        created_at=now,
        active_from=active_from,
    )
