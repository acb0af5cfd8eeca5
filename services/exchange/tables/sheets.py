"""Sheets that were pushed as files: how each was read, and the file itself, for its annotated copy."""

from sqlalchemy import Column, Integer, LargeBinary, String
from sqlmodel import Field

from services.exchange.tables.table import ExchangeTable


class BatchSheet(ExchangeTable, table=True):
    """How the sheet of a batch was read (批次表格): header rows, columns, and in which row each record stands; packed."""

    __tablename__ = "batch_sheet"
    batch_id: str = Field(sa_column=Column(String(32), primary_key=True))
    reading: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class BatchFile(ExchangeTable, table=True):
    """A piece of a file as it came (批次原件): sealed, and in time deleted."""

    __tablename__ = "batch_file"
    batch_id: str = Field(sa_column=Column(String(32), primary_key=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
