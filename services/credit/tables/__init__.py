"""Tables of the credit service. Everything is led by the enterprise, the key by which it would be sharded."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlmodel import Field

from services.credit.tables.grading import DocumentNumber, GradeCycle, GradeDecision
from services.credit.tables.held import CounterfeitLead, HeldDecision, HeldItem
from services.credit.tables.restructuring import Restructuring, RestructuringParty
from services.credit.tables.table import CreditTable
from services.kernel.db import Instant

__all__ = [
    "AccessEntry",
    "BatchPage",
    "Card",
    "CounterfeitLead",
    "CreditTable",
    "DocumentNumber",
    "Enterprise",
    "EnterpriseAlias",
    "EnterpriseName",
    "FirmRead",
    "GradeCycle",
    "GradeDecision",
    "HeldDecision",
    "HeldItem",
    "OutboxDelivery",
    "OutboxEvents",
    "PersonalValue",
    "Product",
    "Record",
    "RecordMark",
    "RecordVersion",
    "RemedyCase",
    "RemedyStep",
    "Restructuring",
    "RestructuringParty",
    "RuleBookActivation",
    "RuleBookRow",
    "RuleBookSimulation",
    "StaffSession",
    "StoredResponse",
]


class Enterprise(CreditTable, table=True):
    """One enterprise: its current name, its version, and the facts that grading needs.

    `version` rises by one with each event of the enterprise; `recorded_at` is strictly increasing under its lock.
    `facts` is derived from the current record versions, kept beside them so that a regrade reads one row
    (`zhixin check` compares the two). `succeeded_by` are the codes to which that of a firm that ceased points, by commas.
    """

    __tablename__ = "enterprise"
    __table_args__ = (Index("enterprise_organisation_code", text("substr(uscc, 9, 9)")),)
    uscc: str = Field(sa_column=Column(String(18), primary_key=True))
    name: str = Field(sa_column=Column(String(200), nullable=False))
    region: str = Field(sa_column=Column(String(6), nullable=False))
    registered: bool = Field(default=False)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    facts: str = Field(sa_column=Column(Text, nullable=False))
    succeeded_by: str | None = Field(default=None, sa_column=Column(String(200)))


class EnterpriseName(CreditTable, table=True):
    """A name under which an enterprise is or was known; `folded` is the form that search compares, which may be longer."""

    __tablename__ = "enterprise_name"
    __table_args__ = (Index("enterprise_name_uscc", "uscc"),)
    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    name: str = Field(sa_column=Column(String(200), nullable=False))
    folded: str = Field(sa_column=Column(Text, nullable=False))
    since: datetime = Field(sa_column=Column(Instant, nullable=False))
    until: datetime | None = Field(default=None, sa_column=Column(Instant))


class EnterpriseAlias(CreditTable, table=True):
    """Another identifier under which a source knows an enterprise, such as its old registration number."""

    __tablename__ = "enterprise_alias"
    __table_args__ = (Index("enterprise_alias_value", "value"),)
    uscc: str = Field(sa_column=Column(String(18), primary_key=True))
    scheme: str = Field(sa_column=Column(String(30), primary_key=True))
    value: str = Field(sa_column=Column(String(40), primary_key=True))
    since: datetime = Field(sa_column=Column(Instant, nullable=False))


class Record(CreditTable, table=True):
    """The head of a record. Its id is a digest of provider, kind and source id.

    `version`, `state` and `digest` are those of the latest statement; `current_version` is the statement in force,
    null while there is none (held from the start, or withdrawn). PostgreSQL looks an id up by a hash index, and leaves it to
    the key of `record_version` that it is not entered twice: a head comes with its first version.
    """

    __tablename__ = "record"
    __table_args__ = (
        Index("record_enterprise", "uscc", "occurred_on"),
        Index(
            "record_product",
            "product_id",
            sqlite_where=text("product_id IS NOT NULL"),
            postgresql_where=text("product_id IS NOT NULL"),
            postgresql_using="hash",
        ),
    )
    record_id: str = Field(sa_column=Column(String(32), primary_key=True))
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    provider: str = Field(sa_column=Column(String(64), nullable=False))
    kind: str = Field(sa_column=Column(String(40), nullable=False))
    source_record_id: str = Field(sa_column=Column(String(200), nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    current_version: int | None = Field(default=None, sa_column=Column(Integer))
    state: str = Field(sa_column=Column(String(10), nullable=False))
    occurred_on: date = Field(sa_column=Column(Date, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    batch_no: int = Field(sa_column=Column(BigInteger, nullable=False))
    product_id: str | None = Field(default=None, sa_column=Column(String(32)))


class Product(CreditTable, table=True):
    """A product that records speak of: its producer, and name, brand and model as they are compared, a line each in
    `folded`. It is never changed; what is said of it are the records in force that name it. Led by the producer, so that what
    a page names stands together."""

    __tablename__ = "product"
    uscc: str = Field(sa_column=Column(String(18), primary_key=True))
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    folded: str = Field(sa_column=Column(Text, nullable=False))


class RecordVersion(CreditTable, table=True):
    """One statement as it was received, never changed: `content` is the record's JSON as readers get it."""

    __tablename__ = "record_version"
    __table_args__ = (
        Index(
            "record_version_withdrawn",
            "uscc",
            sqlite_where=text("state = 'withdrawn'"),
            postgresql_where=text("state = 'withdrawn'"),
        ),
    )
    record_id: str = Field(sa_column=Column(String(32), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True))
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    kind: str = Field(sa_column=Column(String(40), nullable=False))
    region: str = Field(sa_column=Column(String(6), nullable=False))
    occurred_on: date = Field(sa_column=Column(Date, nullable=False))
    assertion: str = Field(sa_column=Column(String(20), nullable=False))
    effect: str = Field(sa_column=Column(String(20), nullable=False))
    state: str = Field(sa_column=Column(String(10), nullable=False))
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    batch_id: str = Field(sa_column=Column(String(32), nullable=False))
    content: str = Field(sa_column=Column(Text, nullable=False))


class PersonalValue(CreditTable, table=True):
    """The personal data of one record version, sealed; apart from it, so that it can be taken away for good."""

    __tablename__ = "personal_value"
    record_id: str = Field(sa_column=Column(String(32), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Card(CreditTable, table=True):
    """The grade of an enterprise under a rule book, rendered: a segment of days, and the segment after it.

    The segment holds from `valid_from` until the day before `next_change_on`; `next_body` holds from then until the
    day before `next_until`; it is rendered only shortly before. Null means without end. Days are days in Shanghai.
    """

    __tablename__ = "card"
    uscc: str = Field(sa_column=Column(String(18), primary_key=True))
    rulebook: str = Field(sa_column=Column(String(40), primary_key=True))
    letter: str = Field(sa_column=Column(String(10), nullable=False))
    score: int | None = Field(default=None, sa_column=Column(Integer))
    valid_from: date = Field(sa_column=Column(Date, nullable=False))
    next_change_on: date | None = Field(default=None, sa_column=Column(Date, index=True))
    next_until: date | None = Field(default=None, sa_column=Column(Date))
    body: str = Field(sa_column=Column(Text, nullable=False))
    next_body: str | None = Field(default=None, sa_column=Column(Text))


class BatchPage(CreditTable, table=True):
    """The verdicts of one page of a batch, so that the page, sent again, gets the same answer."""

    __tablename__ = "batch_page"
    batch_id: str = Field(sa_column=Column(String(32), primary_key=True))
    page: int = Field(sa_column=Column(Integer, primary_key=True))
    body_sha256: str = Field(sa_column=Column(String(64), nullable=False))
    verdicts: str = Field(sa_column=Column(Text, nullable=False))
    counts: str = Field(sa_column=Column(String(200), nullable=False))


class OutboxEvents(CreditTable, table=True):
    """Events of an enterprise as they were rendered when they happened, kept after they were sent: those that follow each
    other in one transaction, a line each. `no` and `enterprise_version` are those of the first."""

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_enterprise_version", "uscc", "enterprise_version", unique=True),)
    no: int = Field(sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True))
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    enterprise_version: int = Field(sa_column=Column(Integer, nullable=False))
    events: int = Field(sa_column=Column(Integer, nullable=False))
    lines: str = Field(sa_column=Column(Text, nullable=False))


class OutboxDelivery(CreditTable, table=True):
    """Where the journal holds a run of events that one transaction wrote, numbered `first_no` to `last_no`: `seq` is the
    place of the first. Apart from the events, so that marking them moves few bytes."""

    __tablename__ = "outbox_delivery"
    __table_args__ = (
        Index(
            "outbox_unsent",
            "first_no",
            postgresql_where=text("seq IS NULL"),
            sqlite_where=text("seq IS NULL"),
        ),
    )
    first_no: int = Field(
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    )
    last_no: int = Field(sa_column=Column(BigInteger, nullable=False))
    epoch: int | None = Field(default=None, sa_column=Column(SmallInteger))
    seq: int | None = Field(default=None, sa_column=Column(BigInteger))


class RuleBookActivation(CreditTable, table=True):
    """One activation of a rule book: proposed by one officer, confirmed by another, then built and switched to.

    At most one is under way. `built_through` is the last code whose card by the new book stands.
    """

    __tablename__ = "rulebook_activation"
    no: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    rulebook: str = Field(sa_column=Column(String(40), nullable=False))
    state: str = Field(sa_column=Column(String(10), nullable=False))
    proposed_by: str = Field(sa_column=Column(String(100), nullable=False))
    proposed_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    confirmed_by: str | None = Field(default=None, sa_column=Column(String(100)))
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    activated_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    built_through: str = Field(sa_column=Column(String(18), nullable=False))


class RuleBookSimulation(CreditTable, table=True):
    """One comparison of a proposed rule book with the active one over the whole population, and how far it has come.

    `beat_at` is when a process last worked on it: a simulation that nobody works on is taken up by another process.
    """

    __tablename__ = "rulebook_simulation"
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    agency: str = Field(sa_column=Column(String(64), nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    digest: str = Field(sa_column=Column(String(64), nullable=False))
    state: str = Field(sa_column=Column(String(10), nullable=False))
    requested_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    beat_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    done: int = Field(sa_column=Column(BigInteger, nullable=False))
    total: int = Field(sa_column=Column(BigInteger, nullable=False))
    result: str | None = Field(default=None, sa_column=Column(Text))


class RuleBookRow(CreditTable, table=True):
    """A released rule book; the active one grades. Its text is immutable, its digest proves it."""

    __tablename__ = "rulebook"
    id: str = Field(sa_column=Column(String(40), primary_key=True))
    digest: str = Field(sa_column=Column(String(64), nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    activated_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    active: bool = Field(default=False)


class StaffSession(CreditTable, table=True):
    """A session of a staff member that came over from the exchange; `origin` is the exchange's session.

    What the person may do is not kept here: the policy says it at each request.
    """

    __tablename__ = "staff_session"
    __table_args__ = (
        Index("staff_session_token_digest", "token_digest", unique=True),
        Index("staff_session_expires_at", "expires_at"),
    )
    id: str = Field(sa_column=Column(String(40), primary_key=True))
    token_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    username: str = Field(sa_column=Column(String(64), nullable=False))
    origin: str = Field(sa_column=Column(String(40), nullable=False))
    authenticated_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    seen_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    expires_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class RemedyCase(CreditTable, table=True):
    """One objection, credit repair or data query about one record.

    `state` is of the course of its `type`; `version` counts its steps. `term` runs from `since` by the rules under which
    the case was filed; both are null while nothing runs. `…_until` are the last days that a granted repair sets.
    `compared_with` is the record whose statement of the same act differs, in a data query of the platform.
    """

    __tablename__ = "remedy_case"
    __table_args__ = (
        Index("remedy_case_record", "record_id"),
        Index("remedy_case_enterprise", "uscc", "type", "filed_at"),
        Index("remedy_case_filer", "filer", "type", "filed_at"),
        Index("remedy_case_provider", "provider", "type", "filed_at"),
        Index(
            "remedy_case_compared",
            "uscc",
            sqlite_where=text("compared_with IS NOT NULL"),
            postgresql_where=text("compared_with IS NOT NULL"),
        ),
    )
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    type: str = Field(sa_column=Column(String(20), nullable=False))
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    record_id: str = Field(sa_column=Column(String(32), nullable=False))
    record_version: int = Field(sa_column=Column(Integer, nullable=False))
    kind: str = Field(sa_column=Column(String(40), nullable=False))
    region: str = Field(sa_column=Column(String(6), nullable=False))
    filer: str = Field(sa_column=Column(String(64), nullable=False))
    provider: str = Field(sa_column=Column(String(64), nullable=False))
    state: str = Field(sa_column=Column(String(20), nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    received_on: date = Field(sa_column=Column(Date, nullable=False))
    filed_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    rules: str = Field(sa_column=Column(String(40), nullable=False))
    term: str | None = Field(default=None, sa_column=Column(String(40)))
    since: date | None = Field(default=None, sa_column=Column(Date))
    extended: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    published_until: date | None = Field(default=None, sa_column=Column(Date))
    shared_until: date | None = Field(default=None, sa_column=Column(Date))
    used_until: date | None = Field(default=None, sa_column=Column(Date))
    compared_with: str | None = Field(default=None, sa_column=Column(String(32)))
    details: str = Field(sa_column=Column(Text, nullable=False))


class RemedyStep(CreditTable, table=True):
    """One step of a case, never changed: who took it, on which day, with which event of the enterprise."""

    __tablename__ = "remedy_step"
    case_id: str = Field(sa_column=Column(String(32), primary_key=True))
    no: int = Field(sa_column=Column(Integer, primary_key=True))
    action: str = Field(sa_column=Column(String(20), nullable=False))
    state: str = Field(sa_column=Column(String(20), nullable=False))
    agency: str = Field(sa_column=Column(String(64), nullable=False))
    on: date = Field(sa_column=Column("on_day", Date, nullable=False))
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    enterprise_version: int = Field(sa_column=Column(Integer, nullable=False))
    details: str = Field(sa_column=Column(Text, nullable=False))


class RecordMark(CreditTable, table=True):
    """What the remedies of a record do to it; derived from its cases (`zhixin check` compares). `shown` is what readers
    of the record see of them, as JSON."""

    __tablename__ = "record_mark"
    record_id: str = Field(sa_column=Column(String(32), primary_key=True))
    disputed: bool = Field(sa_column=Column(Boolean, nullable=False))
    published_until: date | None = Field(default=None, sa_column=Column(Date))
    shared_until: date | None = Field(default=None, sa_column=Column(Date))
    used_until: date | None = Field(default=None, sa_column=Column(Date))
    shown: str = Field(sa_column=Column(Text, nullable=False))


class ActLink(CreditTable, table=True):
    """What an officer found two records of one file to be: one act, two documents on one offence, or two acts. Kept when
    it is undone. `…_act` are the records' act keys at that time."""

    __tablename__ = "act_link"
    __table_args__ = (
        Index("act_link_enterprise", "uscc", "decided_at"),
        Index("act_link_decided_at", "decided_at", "id"),
    )
    id: str = Field(sa_column=Column(String(32), primary_key=True))
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    first: str = Field(sa_column=Column(String(32), nullable=False))
    second: str = Field(sa_column=Column(String(32), nullable=False))
    first_act: str | None = Field(default=None, sa_column=Column(Text))
    second_act: str | None = Field(default=None, sa_column=Column(Text))
    relation: str = Field(sa_column=Column(String(20), nullable=False))
    leading_record: str | None = Field(default=None, sa_column=Column(String(32)))
    state: str = Field(sa_column=Column(String(10), nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    agency: str = Field(sa_column=Column(String(64), nullable=False))
    officer: str = Field(sa_column=Column(String(200), nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    decided_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    undone_by: str | None = Field(default=None, sa_column=Column(String(64)))
    undone_officer: str | None = Field(default=None, sa_column=Column(String(200)))
    undone_reason: str | None = Field(default=None, sa_column=Column(Text))
    undone_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class ActCandidate(CreditTable, table=True):
    """Two records in force of one file that may tell of one act and wait for a decision; derived from the file. `grounds`
    are words with a blank between."""

    __tablename__ = "act_candidate"
    uscc: str = Field(sa_column=Column(String(18), primary_key=True))
    first: str = Field(sa_column=Column(String(32), primary_key=True))
    second: str = Field(sa_column=Column(String(32), primary_key=True))
    kind: str = Field(sa_column=Column(String(40), nullable=False))
    grounds: str = Field(sa_column=Column(String(100), nullable=False))
    found_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class StoredResponse(CreditTable, table=True):
    """The first answer to an agency's idempotency key on a route, given again when the key comes again."""

    __tablename__ = "stored_response"
    agency: str = Field(sa_column=Column(String(64), primary_key=True))
    route: str = Field(sa_column=Column(String(100), primary_key=True))
    key: str = Field(sa_column=Column(String(200), primary_key=True))
    fingerprint: str = Field(sa_column=Column(String(64), nullable=False))
    case_id: str = Field(sa_column=Column(String(32), nullable=False))
    version: int = Field(sa_column=Column(Integer, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False, index=True))


class AccessEntry(CreditTable, table=True):
    """Who read restricted fields of which enterprise, why, and for which case; committed before the answer left."""

    __tablename__ = "access_entry"
    __table_args__ = (
        Index("access_entry_id", "id", unique=True),
        Index(
            "access_entry_unsent",
            "no",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )
    no: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    id: str = Field(sa_column=Column(String(32), nullable=False))
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    agency: str = Field(sa_column=Column(String(64), nullable=False))
    client_id: str = Field(sa_column=Column(String(64), nullable=False))
    uscc: str = Field(sa_column=Column(String(18), nullable=False))
    route: str = Field(sa_column=Column(String(20), nullable=False))
    purpose: str = Field(sa_column=Column(String(40), nullable=False))
    case_number: str = Field(sa_column=Column(String(100), nullable=False))
    groups: str = Field(sa_column=Column(String(200), nullable=False))
    request_id: str = Field(sa_column=Column(String(64), nullable=False))
    officer: str | None = Field(default=None, sa_column=Column(String(64)))
    sent_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class FirmRead(CreditTable, table=True):
    """A firm about which a credential asked on a day in China; kept for today's and yesterday's quotas only."""

    __tablename__ = "firm_read"
    day: date = Field(sa_column=Column(Date, primary_key=True))
    client_id: str = Field(sa_column=Column(String(64), primary_key=True))
    uscc: str = Field(sa_column=Column(String(18), primary_key=True))
