"""Departments and agencies with their dates, and who succeeded whom, function by function and region by region."""

from datetime import date

from sqlalchemy import Boolean, Column, Date, ForeignKey, String, Text
from sqlmodel import Field

from services.exchange.tables.table import (
    AGENCY_LENGTH,
    CODE_LENGTH,
    ExchangeTable,
    agency_column,
    json_column,
)


def _department_column(*, primary_key: bool = False) -> "Column[str]":
    return Column(String(CODE_LENGTH), ForeignKey("department.code"), nullable=False, primary_key=primary_key)


class Department(ExchangeTable, table=True):
    """A system of authorities (条线); `valid_until` is its last day."""

    __tablename__ = "department"
    code: str = Field(sa_column=Column(String(CODE_LENGTH), primary_key=True))
    name_zh: str = Field(sa_column=Column(String(100), nullable=False))
    name_en: str = Field(sa_column=Column(String(200), nullable=False))
    valid_from: date | None = Field(default=None, sa_column=Column(Date))
    valid_until: date | None = Field(default=None, sa_column=Column(Date))


class DepartmentSuccession(ExchangeTable, table=True):
    """One function of a department that another took over; a department may go to many, and come from many."""

    __tablename__ = "department_succession"
    predecessor: str = Field(sa_column=_department_column(primary_key=True))
    successor: str = Field(sa_column=_department_column(primary_key=True))
    function: str = Field(sa_column=Column(String(200), primary_key=True))
    valid_from: date = Field(sa_column=Column(Date, nullable=False))


class Agency(ExchangeTable, table=True):
    """One authority of a department; `id` is `{department}-{region}`, `valid_until` its last day."""

    __tablename__ = "agency"
    id: str = Field(sa_column=Column(String(AGENCY_LENGTH), primary_key=True))
    department: str = Field(sa_column=_department_column())
    name: str = Field(sa_column=Column(String(200), nullable=False))
    level: str = Field(sa_column=Column(String(10), nullable=False))
    region: str = Field(sa_column=Column(String(6), nullable=False))
    superior: str | None = Field(default=None, sa_column=agency_column(nullable=True))
    uscc: str = Field(sa_column=Column(String(18), nullable=False, unique=True))
    valid_from: date = Field(sa_column=Column(Date, nullable=False))
    valid_until: date | None = Field(default=None, sa_column=Column(Date))


class AgencySuccession(ExchangeTable, table=True):
    """What another agency took over from an agency: a function in a region, from a day on.

    `kinds` are the kinds of record of that function (`*`: every one); to the main successor falls what no part names.
    """

    __tablename__ = "agency_succession"
    predecessor: str = Field(sa_column=agency_column(primary_key=True))
    successor: str = Field(sa_column=agency_column(primary_key=True))
    function: str = Field(sa_column=Column(String(200), primary_key=True))
    region: str = Field(sa_column=Column(String(6), primary_key=True))
    valid_from: date = Field(sa_column=Column(Date, nullable=False))
    document: str = Field(default="", sa_column=Column(Text, nullable=False))
    kinds: list[str] = Field(default_factory=lambda: ["*"], sa_column=json_column())
    is_main: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
