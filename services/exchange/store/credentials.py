"""Credentials, the assertions that were used, and the tokens that were given back."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.exchange.tables import Agency, Credential, RevokedToken, SeenAssertion
from services.kernel.db import AnySession, WriteSession

_KEPT_LONGER: Final = timedelta(minutes=1)
"""What was used or given back outlives its end by this much, for processes whose clocks lag behind."""


def find_credential(session: AnySession, client_id: str) -> tuple[Credential, Agency] | None:
    """A credential with its agency, whatever its state."""
    query = select(Credential, Agency).join(Agency).where(Credential.client_id == client_id)
    return session.exec(query).one_or_none()


def credentials_of(session: AnySession, agency: str | None) -> Sequence[Credential]:
    """The credentials of one agency, or of all, by age."""
    query = select(Credential).order_by(col(Credential.created_at), Credential.client_id)
    return session.exec(query if agency is None else query.where(Credential.agency == agency)).all()


def page_of_credentials(
    session: AnySession, *, agencies: Collection[str] | None, after: str, limit: int
) -> Sequence[Credential]:
    """Credentials of some agencies, or of all, by client id."""
    query = select(Credential).where(col(Credential.client_id) > after)
    if agencies is not None:
        query = query.where(col(Credential.agency).in_(agencies))
    return session.exec(query.order_by(col(Credential.client_id)).limit(limit)).all()


def touch_credential(session: WriteSession, client_id: str, now: datetime) -> None:
    """Note when a credential was last used."""
    session.execute(update(Credential).where(col(Credential.client_id) == client_id).values(last_used_at=now))


def use_assertion(
    session: WriteSession, *, client_id: str, jti: str, expires_at: datetime, now: datetime
) -> bool:
    """Remember an assertion; False when it was used before. Those that are over by themselves are forgotten."""
    session.execute(delete(SeenAssertion).where(col(SeenAssertion.expires_at) <= now - _KEPT_LONGER))
    session.add(SeenAssertion(client_id=client_id, jti=jti, expires_at=expires_at))
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        return False
    return True


def revoke_token(session: WriteSession, *, jti: str, expires_at: datetime, now: datetime) -> bool:
    """Remember that a token was given back; False when it had been already."""
    if session.get(RevokedToken, jti) is not None:
        return False
    session.execute(delete(RevokedToken).where(col(RevokedToken.expires_at) <= now - _KEPT_LONGER))
    session.add(RevokedToken(jti=jti, expires_at=expires_at))
    session.flush()
    return True


def is_token_revoked(session: AnySession, jti: str) -> bool:
    """Whether a token was given back."""
    return session.get(RevokedToken, jti) is not None
