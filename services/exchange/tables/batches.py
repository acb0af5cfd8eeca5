"""Batches: one push each, its bytes in sealed pages, its verdicts, its receipt."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Text
from sqlmodel import Field

from services.exchange.tables.table import ExchangeTable, agency_column
from services.kernel.db import Instant


class Batch(ExchangeTable, table=True):
    """One push (批次). `no` is the order of receipt; `answer` is the first answer, replayed to a repeated key; `source`
    says, of a sheet, how it was read."""

    __tablename__ = "batch"
    __table_args__ = (
        Index("batch_number", "no", unique=True),
        Index("batch_key", "agency", "idempotency_key", unique=True),
        Index("batch_status", "status", "no"),
    )
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    no: int = Field(sa_column=Column(BigInteger, nullable=False))
    agency: str = Field(sa_column=agency_column())
    client_id: str = Field(sa_column=Column(String(64), nullable=False))
    idempotency_key: str = Field(sa_column=Column(String(200), nullable=False))
    fingerprint: str = Field(sa_column=Column(String(64), nullable=False))
    body_sha256: str = Field(sa_column=Column(String(64), nullable=False))
    language: str = Field(sa_column=Column(String(2), nullable=False))
    status: str = Field(sa_column=Column(String(12), nullable=False))
    total: int = Field(sa_column=Column(Integer, nullable=False))
    counts: str | None = Field(default=None, sa_column=Column(String(200)))
    verdicts_sha256: str | None = Field(default=None, sa_column=Column(String(64)))
    receipt: str | None = Field(default=None, sa_column=Column(Text))
    answer_status: int | None = Field(default=None, sa_column=Column(SmallInteger))
    answer: str | None = Field(default=None, sa_column=Column(Text))
    source: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    completed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    claimed_until: datetime = Field(sa_column=Column(Instant, nullable=False))


class BatchPage(ExchangeTable, table=True):
    """A page of a batch: its items as they came, sealed and in time deleted, and their verdicts.

    `places` are the indexes of an arranged page's items, while its verdicts stand in their order; they are forgotten
    once the verdicts of its window are back in the order of the batch.
    """

    __tablename__ = "batch_page"
    batch_id: str = Field(sa_column=Column(String(32), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True))
    window: int = Field(sa_column=Column("cut_window", Integer, nullable=False))
    first_index: int = Field(sa_column=Column(Integer, nullable=False))
    places: str | None = Field(default=None, sa_column=Column(Text))
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    verdicts: str | None = Field(default=None, sa_column=Column(Text))
    counts: str | None = Field(default=None, sa_column=Column(String(200)))
