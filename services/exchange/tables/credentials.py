"""Credentials of agencies' systems, and what must be remembered of their assertions and tokens."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, LargeBinary, String
from sqlmodel import Field

from services.exchange.tables.table import ExchangeTable, agency_column, json_column
from services.kernel.db import Instant


class Credential(ExchangeTable, table=True):
    """How one system of an agency proves who it is.

    A secret is kept as a keyed hash only, a key pair as its public half only. `scopes` narrows what the agency's
    grants allow; NULL does not. Whether it may be used follows from its instants and is not stored. `certificate` (a
    thumbprint) and `networks` bind its use further; `successor` is the credential that came in its place.
    """

    __tablename__ = "credential"
    __table_args__ = (Index("credential_agency", "agency"),)
    client_id: str = Field(sa_column=Column(String(40), primary_key=True))
    agency: str = Field(sa_column=agency_column())
    label: str = Field(sa_column=Column(String(100), nullable=False))
    method: str = Field(sa_column=Column(String(20), nullable=False))
    secret_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    public_jwk: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))
    scopes: list[str] | None = Field(default=None, sa_column=json_column(nullable=True))
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    expires_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    last_used_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    active_from: datetime | None = Field(default=None, sa_column=Column(Instant))
    successor: str | None = Field(default=None, sa_column=Column(String(40)))
    certificate: str | None = Field(default=None, sa_column=Column(String(43)))
    networks: list[str] | None = Field(default=None, sa_column=json_column(nullable=True))
    failed_attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    last_failed_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class FailedAttempt(ExchangeTable, table=True):
    """Failed proofs in a row of one client id, known or not, at one address; forgotten after a while without any."""

    __tablename__ = "failed_attempt"
    __table_args__ = (Index("failed_attempt_last", "last_failed_at"),)
    client: str = Field(sa_column=Column(String(64), primary_key=True))
    address: str = Field(sa_column=Column(String(45), primary_key=True))
    failures: int = Field(sa_column=Column(Integer, nullable=False))
    last_failed_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class SeenAssertion(ExchangeTable, table=True):
    """A client assertion that was used; kept until it could not be used again anyway."""

    __tablename__ = "seen_assertion"
    __table_args__ = (Index("seen_assertion_expires_at", "expires_at"),)
    client_id: str = Field(sa_column=Column(String(40), primary_key=True))
    jti: str = Field(sa_column=Column(String(128), primary_key=True))
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class RevokedToken(ExchangeTable, table=True):
    """An access token that was given back before its time; kept until it would have ended."""

    __tablename__ = "revoked_token"
    jti: str = Field(sa_column=Column(String(64), primary_key=True))
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))
