"""What all tables of the exchange share: one metadata of the service's own, so that two services never mix."""

from typing import Any, ClassVar

from sqlalchemy import JSON, Column, ForeignKey, MetaData, String
from sqlmodel import SQLModel

CODE_LENGTH = 40
AGENCY_LENGTH = 64


class ExchangeTable(SQLModel):
    """The base of the exchange's tables."""

    metadata: ClassVar[MetaData] = MetaData()


def agency_column(*, nullable: bool = False, primary_key: bool = False) -> "Column[str]":
    """A column that names an agency."""
    return Column(String(AGENCY_LENGTH), ForeignKey("agency.id"), nullable=nullable, primary_key=primary_key)


def json_column(*, nullable: bool = False) -> "Column[Any]":
    """A column of a small JSON value; an absent one is NULL, not the JSON null."""
    return Column(JSON(none_as_null=True), nullable=nullable)
