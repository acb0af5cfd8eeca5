"""The exchange's signing keys: access tokens with one, receipts with another, each rotated by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, String
from sqlmodel import Field

from services.exchange.tables.table import ExchangeTable, json_column
from services.kernel.db import Instant


class SigningKey(ExchangeTable, table=True):
    """One key: published when it is made, signing from `active_from` until `retired_at`, its private half sealed."""

    __tablename__ = "signing_key"
    kid: str = Field(sa_column=Column(String(64), primary_key=True))
    use: str = Field(sa_column=Column(String(10), nullable=False))
    sealed_pem: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    public_jwk: dict[str, Any] = Field(sa_column=json_column())
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    active_from: datetime = Field(sa_column=Column(Instant, nullable=False))
    retired_at: datetime | None = Field(default=None, sa_column=Column(Instant))
