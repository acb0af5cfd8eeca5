"""Grants as they are kept."""

from collections.abc import Sequence

from sqlmodel import select

from services.exchange.tables import Grant
from services.kernel.db import AnySession


def grants_of(session: AnySession, agency: str) -> Sequence[Grant]:
    """Every grant of an agency, past and coming ones included, in the order of their days."""
    query = select(Grant).where(Grant.agency == agency)
    return session.exec(query.order_by(Grant.direction, Grant.kind, Grant.valid_from, Grant.id)).all()  # type: ignore[arg-type]
