"""Signing keys at rest: which are published, and which sign when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlmodel import col, or_, select

from services.exchange.tables import SigningKey
from services.kernel.db import AnySession, WriteSession

Use = Literal["access", "receipt"]
STAYS_PUBLISHED: Final = timedelta(minutes=10)
"""How long a retired access key is still published: longer than any token that it signed can live."""


def published_jwks(session: AnySession, use: Use, now: datetime) -> dict[str, Any]:
    """The public keys of a use as a JWK set; access keys until their tokens are over, receipt keys for ever."""
    query = select(SigningKey).where(SigningKey.use == use)
    if use == "access":
        still = or_(col(SigningKey.retired_at).is_(None), col(SigningKey.retired_at) > now - STAYS_PUBLISHED)
        query = query.where(still)
    rows = session.exec(query.order_by(col(SigningKey.active_from), SigningKey.kid))
    return {"keys": [row.public_jwk for row in rows]}


def unretired_keys(session: AnySession, now: datetime) -> Sequence[SigningKey]:
    """The keys of both uses that sign now or will."""
    still = or_(col(SigningKey.retired_at).is_(None), col(SigningKey.retired_at) > now)
    return session.exec(select(SigningKey).where(still).order_by(col(SigningKey.active_from))).all()


def all_keys(session: AnySession) -> Sequence[SigningKey]:
    """Every key that ever was, oldest first."""
    return session.exec(select(SigningKey).order_by(col(SigningKey.active_from))).all()


def add_key(session: WriteSession, key: SigningKey) -> None:
    """Publish a key; those of its use that had no end sign until it begins."""
    for row in session.exec(
        select(SigningKey).where(SigningKey.use == key.use, col(SigningKey.retired_at).is_(None))
    ):
        row.retired_at = key.active_from
    session.add(key)
    session.flush()
