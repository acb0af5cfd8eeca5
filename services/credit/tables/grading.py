"""Tables of grade decisions: cycles, decisions, and the numbers of their documents."""

from datetime import date, datetime

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Text
from sqlmodel import Field

from services.credit.tables.table import CreditTable
from services.kernel.db import Instant


class GradeCycle(CreditTable, table=True):
    """One round of grade decisions by an agency: for firms of a region, of an industry or of listed codes.

    `through` is the last code for which a decision was proposed or not needed; the proposals are made in the background.
    """

    __tablename__ = "grade_cycle"
    __table_args__ = (Index("grade_cycle_state", "state", "opened_at"),)
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    title: str = Field(sa_column=Column(String(200), nullable=False))
    agency: str = Field(sa_column=Column(String(64), nullable=False))
    region: str = Field(sa_column=Column(String(6), nullable=False))
    industry: str | None = Field(default=None, sa_column=Column(String(10)))
    codes: str = Field(sa_column=Column(Text, nullable=False))
    valid_until: date = Field(sa_column=Column(Date, nullable=False))
    state: str = Field(sa_column=Column(String(20), nullable=False))
    through: str = Field(sa_column=Column(String(18), nullable=False))
    proposed: int = Field(sa_column=Column(Integer, nullable=False))
    passed_over: int = Field(sa_column=Column(Integer, nullable=False))
    opened_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class GradeDecision(CreditTable, table=True):
    """One grade decision about one firm: what is proposed, how far it is, and from when through when it holds.

    That it is in force is no column: it follows from `valid_from`, `valid_until`, `annulled_on` and later decisions.
    `version` counts its steps, which are kept with those of remedies. `shown` is what readers of the file see of it.
    """

    __tablename__ = "grade_decision"
    __table_args__ = (
        Index("grade_decision_cycle", "cycle_id", "uscc", unique=True),
        Index("grade_decision_enterprise", "uscc", "valid_from"),
        Index("grade_decision_agency", "agency", "proposed_at"),
    )
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    cycle_id: str = Field(sa_column=Column(String(32), nullable=False))
    agency: str = Field(sa_column=Column(String(64), nullable=False))
    region: str = Field(sa_column=Column(String(6), nullable=False))
    rulebook: str = Field(sa_column=Column(String(40), nullable=False))
    rules: str = Field(sa_column=Column(String(40), nullable=False))
    letter: str = Field(sa_column=Column(String(10), nullable=False))
    score: int | None = Field(default=None, sa_column=Column(Integer))
    before: str | None = Field(default=None, sa_column=Column(String(10)))
    is_veto: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    state: str = Field(sa_column=Column(String(20), nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    proposed_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    term: str | None = Field(default=None, sa_column=Column(String(40)))
    since: date | None = Field(default=None, sa_column=Column(Date))
    notice_number: str | None = Field(default=None, sa_column=Column(String(60)))
    decision_number: str | None = Field(default=None, sa_column=Column(String(60)))
    valid_from: date | None = Field(default=None, sa_column=Column(Date))
    valid_until: date = Field(sa_column=Column(Date, nullable=False))
    annulled_on: date | None = Field(default=None, sa_column=Column(Date))
    shown: str | None = Field(default=None, sa_column=Column(Text))


class DocumentNumber(CreditTable, table=True):
    """The last number given to an agency's documents of a type in a year."""

    __tablename__ = "document_number"
    agency: str = Field(sa_column=Column(String(64), primary_key=True))
    type: str = Field(sa_column=Column(String(30), primary_key=True))
    year: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    last: int = Field(sa_column=Column(Integer, nullable=False))
