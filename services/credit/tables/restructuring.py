"""Tables of mergers, splits, successions and branches."""

from datetime import date, datetime

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Text
from sqlmodel import Field

from services.credit.tables.table import CreditTable
from services.kernel.db import Instant


class Restructuring(CreditTable, table=True):
    """An act by which firms merged, one split, one was succeeded, or branches belong to a head office; undone, it stays."""

    __tablename__ = "restructuring"
    __table_args__ = (Index("restructuring_recorded", "recorded_at", "id"),)
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    type: str = Field(sa_column=Column(String(12), nullable=False))
    continues: bool = Field(sa_column=Column(Boolean, nullable=False))
    on: date = Field(sa_column=Column("on_day", Date, nullable=False))
    document_number: str = Field(sa_column=Column(String(200), nullable=False))
    note: str | None = Field(default=None, sa_column=Column(Text))
    agency: str = Field(sa_column=Column(String(64), nullable=False))
    officer: str = Field(sa_column=Column(String(64), nullable=False))
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    undone_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    undone_by: str | None = Field(default=None, sa_column=Column(String(64)))
    undo_reason: str | None = Field(default=None, sa_column=Column(Text))
    version: int = Field(sa_column=Column(Integer, nullable=False))


class RestructuringParty(CreditTable, table=True):
    """A firm that an act names, on its first side or its second, in the order in which it was named."""

    __tablename__ = "restructuring_party"
    __table_args__ = (Index("restructuring_party_uscc", "uscc"),)
    act_id: str = Field(sa_column=Column(String(32), primary_key=True))
    uscc: str = Field(sa_column=Column(String(18), primary_key=True))
    is_first: bool = Field(sa_column=Column(Boolean, nullable=False))
    place: int = Field(sa_column=Column(Integer, nullable=False))
