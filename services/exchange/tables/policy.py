"""Grants, and the version that moves with everything the policy shows."""

from datetime import date

from sqlalchemy import Column, Date, Index, Integer, String, Text
from sqlmodel import Field

from services.exchange.tables.table import ExchangeTable, agency_column, json_column


class Grant(ExchangeTable, table=True):
    """An agency may push or pull a kind (`*` every kind, `grade` the grades), somewhere, for a purpose, until a day."""

    __tablename__ = "grant"
    __table_args__ = (Index("grant_agency", "agency"),)
    id: str = Field(sa_column=Column(String(40), primary_key=True))
    agency: str = Field(sa_column=agency_column())
    direction: str = Field(sa_column=Column(String(4), nullable=False))
    kind: str = Field(sa_column=Column(String(40), nullable=False))
    regions: list[str] = Field(sa_column=json_column())
    groups: list[str] = Field(sa_column=json_column())
    purpose: str = Field(sa_column=Column(String(200), nullable=False))
    basis: str = Field(sa_column=Column(Text, nullable=False))
    valid_from: date = Field(sa_column=Column(Date, nullable=False))
    valid_until: date | None = Field(default=None, sa_column=Column(Date))


class PolicyVersion(ExchangeTable, table=True):
    """The one row that counts changes of the policy; it is moved in the transaction of each such change."""

    __tablename__ = "policy_version"
    id: int = Field(default=1, sa_column=Column(Integer, primary_key=True, autoincrement=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
