"""The access log: restricted reads as credit committed them, and pulls as the exchange did."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, String
from sqlmodel import Field

from services.exchange.tables.table import AGENCY_LENGTH, ExchangeTable, json_column
from services.kernel.db import Instant


class AccessLogEntry(ExchangeTable, table=True):
    """One read of restricted fields: by whom, of which enterprise, what for. It is never changed.

    A pull has no one enterprise: it covers the journal's events after `covers_after` through `covers_through`, of the
    kinds, regions and grants that `extent` names. `firms` counts them on a page; a stream's are those of its range.
    """

    __tablename__ = "access_log_entry"
    __table_args__ = (
        Index("access_log_entry_at", "at", "id"),
        Index("access_log_entry_agency", "agency", "at"),
        Index("access_log_entry_uscc", "uscc", "at"),
        Index("access_log_entry_case", "case_number", "at"),
        Index("access_log_entry_officer", "officer", "at"),
        Index("access_log_entry_covers", "covers_through"),
    )
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    agency: str = Field(sa_column=Column(String(AGENCY_LENGTH), nullable=False))
    client_id: str = Field(sa_column=Column(String(64), nullable=False))
    uscc: str | None = Field(default=None, sa_column=Column(String(18)))
    route: str = Field(sa_column=Column(String(20), nullable=False))
    purpose: str = Field(sa_column=Column(String(40), nullable=False))
    case_number: str = Field(sa_column=Column(String(100), nullable=False))
    groups: list[str] = Field(sa_column=json_column())
    request_id: str = Field(sa_column=Column(String(64), nullable=False))
    officer: str | None = Field(default=None, sa_column=Column(String(64)))
    covers_after: int | None = Field(default=None, sa_column=Column(BigInteger))
    covers_through: int | None = Field(default=None, sa_column=Column(BigInteger))
    firms: int | None = Field(default=None, sa_column=Column(Integer))
    extent: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))
    received_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class ClosedInvestigation(ExchangeTable, table=True):
    """A case that its agency has declared closed: from then on firms learn who looked at them for it."""

    __tablename__ = "closed_investigation"
    agency: str = Field(sa_column=Column(String(AGENCY_LENGTH), primary_key=True))
    case_number: str = Field(sa_column=Column(String(100), primary_key=True))
    closed_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    closed_by: str = Field(sa_column=Column(String(64), nullable=False))
