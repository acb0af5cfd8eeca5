"""What administrators did: one entry for each act, written with it, never changed and never deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, String
from sqlmodel import Field

from services.exchange.tables.table import AGENCY_LENGTH, ExchangeTable, json_column
from services.kernel.db import Instant


class AuditEntry(ExchangeTable, table=True):
    """Who did what, when, on what. `session` is None for a command on the server; the database refuses any change.

    `agency` is the agency to which the object belongs; without a foreign key, since an entry outlives everything.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("audit_entry_agency", "agency", "no"), Index("audit_entry_actor", "actor", "no"))
    no: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    )
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    actor: str = Field(sa_column=Column(String(100), nullable=False))
    session: str | None = Field(default=None, sa_column=Column(String(40)))
    act: str = Field(sa_column=Column(String(40), nullable=False))
    subject: str = Field(sa_column=Column(String(100), nullable=False))
    agency: str = Field(sa_column=Column(String(AGENCY_LENGTH), nullable=False))
    details: dict[str, Any] = Field(sa_column=json_column())
