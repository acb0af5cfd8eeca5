"""What administrative requests with an idempotency key were answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, String
from sqlmodel import Field

from services.exchange.tables.table import ExchangeTable, agency_column, json_column
from services.kernel.db import Instant


class StoredResponse(ExchangeTable, table=True):
    """The answer that a request gets when it comes again, without the secret that was shown once."""

    __tablename__ = "stored_response"
    __table_args__ = (Index("stored_response_created_at", "created_at"),)
    agency: str = Field(sa_column=agency_column(primary_key=True))
    route: str = Field(sa_column=Column(String(200), primary_key=True))
    key: str = Field(sa_column=Column(String(200), primary_key=True))
    fingerprint: str = Field(sa_column=Column(String(64), nullable=False))
    answer: dict[str, Any] = Field(sa_column=json_column())
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
