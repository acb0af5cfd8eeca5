"""Requests of agencies for access to what others provide."""

from datetime import date, datetime

from sqlalchemy import Boolean, Column, Date, Index, String, Text
from sqlmodel import Field

from services.exchange.tables.table import CODE_LENGTH, ExchangeTable, agency_column, json_column
from services.kernel.db import Instant


class AccessRequest(ExchangeTable, table=True):
    """An agency asks a provider for a kind in some regions: with purpose, legal basis and term. Whether it is escalated
    follows from `due_on` and is not stored; `answer` is what was answered when it was made, for its idempotency key."""

    __tablename__ = "access_request"
    __table_args__ = (
        Index("access_request_key", "agency", "idempotency_key", unique=True),
        Index("access_request_provider", "provider", "id"),
    )
    id: str = Field(sa_column=Column(String(40), primary_key=True))
    agency: str = Field(sa_column=agency_column())
    provider: str = Field(sa_column=agency_column())
    kind: str = Field(sa_column=Column(String(CODE_LENGTH), nullable=False))
    regions: list[str] = Field(sa_column=json_column())
    groups: list[str] = Field(sa_column=json_column())
    purpose: str = Field(sa_column=Column(String(40), nullable=False))
    basis: str = Field(sa_column=Column(Text, nullable=False))
    explanation: str = Field(sa_column=Column(Text, nullable=False))
    valid_until: date = Field(sa_column=Column(Date, nullable=False))
    requested_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    requested_by: str = Field(sa_column=Column(String(64), nullable=False))
    due_on: date = Field(sa_column=Column(Date, nullable=False))
    is_due_estimated: bool = Field(sa_column=Column(Boolean, nullable=False))
    idempotency_key: str = Field(sa_column=Column(String(200), nullable=False))
    fingerprint: str = Field(sa_column=Column(String(64), nullable=False))
    answer: str = Field(default="", sa_column=Column(Text, nullable=False))
    decision: str | None = Field(default=None, sa_column=Column(String(10)))
    decided_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    decided_by: str | None = Field(default=None, sa_column=Column(String(100)))
    reason: str | None = Field(default=None, sa_column=Column(Text))
    grant_id: str | None = Field(default=None, sa_column=Column(String(40)))
