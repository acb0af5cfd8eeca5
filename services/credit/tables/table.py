"""The base of credit's tables."""

from typing import ClassVar

from sqlalchemy import MetaData
from sqlmodel import SQLModel


class CreditTable(SQLModel):
    """The base of this service's tables, with a metadata of its own so that services never mix."""

    metadata: ClassVar[MetaData] = MetaData()
