"""Requests for access as they are kept."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlmodel import col, or_, select

from services.exchange.domain.access_request import RequestStatus
from services.exchange.tables import AccessRequest
from services.kernel.db import AnySession, WriteSession

_UNDECIDED: Final = col(AccessRequest.decision).is_(None)


def find(session: AnySession, identity: str) -> AccessRequest | None:
    """A request by its id."""
    return session.get(AccessRequest, identity)


def find_locked(session: WriteSession, identity: str) -> AccessRequest | None:
    """A request by its id, held until the transaction ends, so that it is answered once."""
    query = select(AccessRequest).where(AccessRequest.id == identity).with_for_update()
    return session.exec(query).one_or_none()


def find_by_key(session: AnySession, agency: str, key: str) -> AccessRequest | None:
    """The request that an agency made under an idempotency key."""
    query = select(AccessRequest).where(AccessRequest.agency == agency, AccessRequest.idempotency_key == key)
    return session.exec(query).one_or_none()


def page_of(
    session: AnySession,
    agencies: Collection[str] | None,
    *,
    status: RequestStatus | None,
    today: date,
    before: str | None,
    limit: int,
) -> Sequence[AccessRequest]:
    """Requests by or to some agencies (None: any), the latest first."""
    query = select(AccessRequest)
    if agencies is not None:
        query = query.where(
            or_(col(AccessRequest.agency).in_(agencies), col(AccessRequest.provider).in_(agencies))
        )
    match status:
        case "pending":
            query = query.where(_UNDECIDED, col(AccessRequest.due_on) >= today)
        case "escalated":
            query = query.where(_UNDECIDED, col(AccessRequest.due_on) < today)
        case "approved" | "refused":
            query = query.where(AccessRequest.decision == status)
    if before is not None:
        query = query.where(col(AccessRequest.id) < before)
    return session.exec(query.order_by(col(AccessRequest.id).desc()).limit(limit)).all()


def undecided(session: WriteSession, agencies: Collection[str]) -> Sequence[AccessRequest]:
    """The open requests by or to some agencies, held until the transaction ends."""
    parties = or_(col(AccessRequest.agency).in_(agencies), col(AccessRequest.provider).in_(agencies))
    query = select(AccessRequest).where(_UNDECIDED, parties).order_by(col(AccessRequest.id))
    return session.exec(query.with_for_update()).all()
