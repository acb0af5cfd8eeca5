"""Tables of held items: the queue, its decisions, and the leads that denials open."""

from datetime import date, datetime

from sqlalchemy import Column, Date, Index, Integer, String, Text
from sqlmodel import Field

from services.credit.tables.table import CreditTable
from services.kernel.db import Instant


class HeldItem(CreditTable, table=True):
    """An item of a push that waits, or waited, for a person; a record has at most one. What it says is in its versions.

    `held_version` is the statement as it was received, `released_version` the one that a decision put into a file. Before
    that, `prior_version` stood in the file of `prior_uscc`. `uscc` is whom the item is about as far as that is known, else
    empty. `step` counts the changes of the row.
    """

    __tablename__ = "held_item"
    __table_args__ = (
        Index("held_item_question", "question", "state"),
        Index("held_item_provider", "provider", "state", "since"),
        Index("held_item_state", "state", "since"),
        Index("held_item_subject_decision", "subject_decision"),
        Index("held_item_producer_decision", "producer_decision"),
    )
    record_id: str = Field(sa_column=Column(String(32), primary_key=True))
    question: str = Field(sa_column=Column(String(32), nullable=False))
    reason: str = Field(sa_column=Column(String(24), nullable=False))
    state: str = Field(sa_column=Column(String(12), nullable=False))
    provider: str = Field(sa_column=Column(String(64), nullable=False))
    kind: str = Field(sa_column=Column(String(40), nullable=False))
    region: str = Field(sa_column=Column(String(6), nullable=False))
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    held_version: int = Field(sa_column=Column(Integer, nullable=False))
    released_version: int | None = Field(default=None, sa_column=Column(Integer))
    prior_version: int | None = Field(default=None, sa_column=Column(Integer))
    prior_uscc: str | None = Field(default=None, sa_column=Column(String(18)))
    subject_decision: str | None = Field(default=None, sa_column=Column(String(32)))
    producer_decision: str | None = Field(default=None, sa_column=Column(String(32)))
    since: datetime = Field(sa_column=Column(Instant, nullable=False))
    step: int = Field(sa_column=Column(Integer, nullable=False))


class HeldDecision(CreditTable, table=True):
    """One decision about a question that held items ask, with who took it and by which document; undone, it stays."""

    __tablename__ = "held_decision"
    __table_args__ = (Index("held_decision_question", "question"),)
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    question: str = Field(sa_column=Column(String(32), nullable=False))
    action: str = Field(sa_column=Column(String(12), nullable=False))
    uscc: str | None = Field(default=None, sa_column=Column(String(18)))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    document_number: str | None = Field(default=None, sa_column=Column(String(200)))
    on: date = Field(sa_column=Column("on_day", Date, nullable=False))
    agency: str = Field(sa_column=Column(String(64), nullable=False))
    officer: str = Field(sa_column=Column(String(64), nullable=False))
    decided_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    undone_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    undone_by: str | None = Field(default=None, sa_column=Column(String(64)))
    undo_reason: str | None = Field(default=None, sa_column=Column(Text))


class CounterfeitLead(CreditTable, table=True):
    """What a named producer's denial leaves: goods that bear its name and are said not to be its own. It charges nobody.

    `told` is what is known of the goods and of where they were sampled, as JSON.
    """

    __tablename__ = "counterfeit_lead"
    __table_args__ = (Index("counterfeit_lead_opened", "opened_at", "id"),)
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    decision_id: str = Field(sa_column=Column(String(32), nullable=False, unique=True))
    record_id: str = Field(sa_column=Column(String(32), nullable=False))
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    provider: str = Field(sa_column=Column(String(64), nullable=False))
    kind: str = Field(sa_column=Column(String(40), nullable=False))
    region: str = Field(sa_column=Column(String(6), nullable=False))
    agency: str = Field(sa_column=Column(String(64), nullable=False))
    document_number: str = Field(sa_column=Column(String(200), nullable=False))
    state: str = Field(sa_column=Column(String(10), nullable=False))
    opened_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    told: str = Field(sa_column=Column(Text, nullable=False))
