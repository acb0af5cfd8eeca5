"""The journal (交换日志): a dense, append-only sequence of events, its head, its epochs, and the relay's lease."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, Date, Index, Integer, SmallInteger, String, Text
from sqlmodel import Field

from services.exchange.tables.table import ExchangeTable
from services.kernel.db import Instant


class JournalEvent(ExchangeTable, table=True):
    """One event as consumers get it (`body`), with what grants and filters look at beside it."""

    __tablename__ = "journal"
    # an event's id is a digest of what it tells, its enterprise and version included: one index serves for both keys
    __table_args__ = (Index("journal_enterprise_version", "uscc", "enterprise_version", unique=True),)
    seq: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    )
    epoch: int = Field(sa_column=Column(SmallInteger, nullable=False))
    event_id: str = Field(sa_column=Column(String(32), nullable=False))
    uscc: str | None = Field(default=None, sa_column=Column(String(18)))
    enterprise_version: int | None = Field(default=None, sa_column=Column(Integer))
    kind: str = Field(sa_column=Column(String(40), nullable=False))
    region: str = Field(sa_column=Column(String(6), nullable=False))
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))


class UnsharedEvent(ExchangeTable, table=True):
    """An event that tells the content of a record which is shared no longer (终止共享) from a day on: it keeps its place
    and is handed to its provider alone."""

    __tablename__ = "unshared_event"
    __table_args__ = (Index("unshared_event_record", "record_id"),)
    seq: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    )
    record_id: str = Field(sa_column=Column(String(32), nullable=False))
    provider: str = Field(sa_column=Column(String(64), nullable=False))
    unshared_from: date = Field(sa_column=Column(Date, nullable=False))


class JournalHead(ExchangeTable, table=True):
    """Where the journal stands: one row. `fence` is the highest token of a relay that wrote; `floor` is the last
    event that is no longer served, `batch_floor` the highest number of a batch that a restore may have forgotten."""

    __tablename__ = "journal_head"
    id: int = Field(default=1, sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    epoch: int = Field(default=1, sa_column=Column(SmallInteger, nullable=False))
    seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    fence: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    floor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    batch_floor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class JournalEpoch(ExchangeTable, table=True):
    """An epoch (纪元) begins after `fork_seq`: what an older epoch numbered above it is not in this journal."""

    __tablename__ = "journal_epoch"
    epoch: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    fork_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    opened_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class Lease(ExchangeTable, table=True):
    """Who may do a singular piece of work until when; the token rises with each change of holder."""

    __tablename__ = "lease"
    name: str = Field(sa_column=Column(String(40), primary_key=True))
    holder: str = Field(sa_column=Column(String(32), nullable=False))
    token: int = Field(sa_column=Column(BigInteger, nullable=False))
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))
