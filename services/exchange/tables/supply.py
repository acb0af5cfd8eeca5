"""Supply quality: what became of the statements of each agency and kind, day by day, and how far that is counted."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, Date, Integer, String
from sqlmodel import Field

from services.exchange.tables.table import AGENCY_LENGTH, CODE_LENGTH, ExchangeTable
from services.kernel.db import Instant


def _count() -> "Column[int]":
    return Column(Integer, nullable=False, server_default="0")


class SupplyDay(ExchangeTable, table=True):
    """Counts of one agency's statements of one kind on one day in China; `last_at` is when the last of them came."""

    __tablename__ = "supply_day"
    agency: str = Field(sa_column=Column(String(AGENCY_LENGTH), primary_key=True))
    kind: str = Field(sa_column=Column(String(CODE_LENGTH), primary_key=True))
    day: date = Field(sa_column=Column(Date, primary_key=True))
    last_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    accepted: int = Field(default=0, sa_column=_count())
    corrected: int = Field(default=0, sa_column=_count())
    withdrawn: int = Field(default=0, sa_column=_count())
    unchanged: int = Field(default=0, sa_column=_count())
    held: int = Field(default=0, sa_column=_count())
    rejected: int = Field(default=0, sa_column=_count())
    measured: int = Field(default=0, sa_column=_count())
    late: int = Field(default=0, sa_column=_count())
    lag_days: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    filled: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    fillable: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class SupplyPosition(ExchangeTable, table=True):
    """The last event of the journal that the counts of supply hold: one row."""

    __tablename__ = "supply_position"
    id: int = Field(default=1, sa_column=Column(Integer, primary_key=True, autoincrement=False))
    seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
