"""Answers of administrative requests by their idempotency keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from services.exchange.tables import StoredResponse
from services.kernel.db import AnySession, WriteSession


def find_response(session: AnySession, agency: str, route: str, key: str) -> StoredResponse | None:
    """What a key was answered before."""
    return session.get(StoredResponse, (agency, route, key))


def keep_response(
    session: WriteSession,
    *,
    agency: str,
    route: str,
    key: str,
    fingerprint: str,
    answer: dict[str, Any],
    now: datetime,
) -> bool:
    """Keep an answer within the transaction of its act; False when a request beside this one had the same key."""
    session.add(
        StoredResponse(
            agency=agency, route=route, key=key, fingerprint=fingerprint, answer=answer, created_at=now
        )
    )
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        return False
    return True


def forget_responses(session: WriteSession, before: datetime) -> None:
    """Delete answers that are older than they are promised."""
    session.execute(delete(StoredResponse).where(col(StoredResponse.created_at) < before))
