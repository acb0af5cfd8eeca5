"""Accounts of staff, the invitations by which they are set up, their sessions, and what logins leave behind."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String
from sqlmodel import Field

from services.exchange.tables.table import ExchangeTable, agency_column
from services.kernel.db import Instant

USERNAME_LENGTH = 64


def username_column(*, primary_key: bool = False) -> "Column[str]":
    """A column that names an account."""
    return Column(
        String(USERNAME_LENGTH), ForeignKey("staff_account.username"), nullable=False, primary_key=primary_key
    )


class StaffAccount(ExchangeTable, table=True):
    """One person's account; it is disabled, never deleted, and a username never passes to another person.

    `totp_step` is the time step of the last code that was used: a code of it or of an earlier one is refused.
    """

    __tablename__ = "staff_account"
    __table_args__ = (Index("staff_account_agency", "agency"),)
    username: str = Field(sa_column=Column(String(USERNAME_LENGTH), primary_key=True))
    name: str = Field(sa_column=Column(String(100), nullable=False))
    role: str = Field(sa_column=Column(String(30), nullable=False))
    agency: str = Field(sa_column=agency_column())
    password_hash: str | None = Field(default=None, sa_column=Column(String(200)))
    totp_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    totp_step: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    invited_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    enrolled_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    disabled_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    last_login_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class StaffEnrolment(ExchangeTable, table=True):
    """One invitation: by its code, once, within an hour, a person sets the account's password and second factor."""

    __tablename__ = "staff_enrolment"
    __table_args__ = (Index("staff_enrolment_username", "username"),)
    id: str = Field(sa_column=Column(String(40), primary_key=True))
    username: str = Field(sa_column=username_column())
    code_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    totp_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class StaffSession(ExchangeTable, table=True):
    """One login; of its token only the digest is kept."""

    __tablename__ = "staff_session"
    __table_args__ = (
        Index("staff_session_username", "username"),
        Index("staff_session_token_digest", "token_digest", unique=True),
        Index("staff_session_expires_at", "expires_at"),
    )
    id: str = Field(sa_column=Column(String(40), primary_key=True))
    username: str = Field(sa_column=username_column())
    token_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    user_agent: str = Field(sa_column=Column(String(200), nullable=False))
    authenticated_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    seen_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class LoginAttempt(ExchangeTable, table=True):
    """The failed logins under a username since the last that succeeded, whether or not such an account exists: `key` is a
    digest of username and address, or of the username alone for all addresses. `succeeded_at` makes an address known."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("login_attempt_last_at", "last_at"),)
    key: str = Field(sa_column=Column(String(64), primary_key=True))
    failures: int = Field(sa_column=Column(Integer, nullable=False))
    last_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    succeeded_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class HandoverCode(ExchangeTable, table=True):
    """A code by which credit opens a session of its own for somebody who is logged in here; deleted when it is used."""

    __tablename__ = "handover_code"
    __table_args__ = (Index("handover_code_expires_at", "expires_at"),)
    code_digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    session: str = Field(sa_column=Column(String(40), nullable=False))
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))
