"""Grants as they are kept."""

from collections.abc import Collection, Sequence

from sqlmodel import col, select

from services.exchange.tables import Grant
from services.kernel.db import AnySession


def grants_of(session: AnySession, agency: str) -> Sequence[Grant]:
    """Every grant of an agency, past and coming ones included, in the order of their days."""
    query = select(Grant).where(Grant.agency == agency)
    return session.exec(query.order_by(Grant.direction, Grant.kind, Grant.valid_from, Grant.id)).all()  # type: ignore[arg-type]


def grants_of_many(session: AnySession, agencies: Collection[str] | None) -> Sequence[Grant]:
    """Every grant of some agencies, or of all, in the order of agencies and days."""
    query = select(Grant)
    if agencies is not None:
        query = query.where(col(Grant.agency).in_(agencies))
    order = (Grant.agency, Grant.direction, Grant.kind, Grant.valid_from, Grant.id)
    return session.exec(query.order_by(*(col(key) for key in order))).all()
