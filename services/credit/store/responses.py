"""Answers kept under idempotency keys, so that a request sent again gets the first one's answer."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, delete, select

from services.credit.tables import StoredResponse
from services.kernel.db import AnySession, WriteSession

KEPT: Final = timedelta(days=90)


def find(session: AnySession, agency: str, route: str, key: str) -> StoredResponse | None:
    """What was answered to the agency's key on a route."""
    return session.exec(
        select(StoredResponse).where(
            StoredResponse.agency == agency, StoredResponse.route == route, StoredResponse.key == key
        )
    ).one_or_none()


def keep(session: WriteSession, response: StoredResponse, now: datetime) -> None:
    """Keep an answer, and forget those that are older than they need be kept."""
    session.exec(delete(StoredResponse).where(col(StoredResponse.created_at) < now - KEPT))
    session.add(response)
