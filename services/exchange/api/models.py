"""The JSON shapes of batches and changes, for the document of the API."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class PushSubject(BaseModel):
    """Whom a record is about."""

    uscc: str | None = Field(default=None, examples=["91430100KXD000018X"])
    name: str | None = None
    organisation_code: str | None = None
    registration_number: str | None = None


class PushAuthority(BaseModel):
    """Who determined the fact; the pushing agency when left out."""

    uscc: str | None = None
    name: str | None = None


class PushParty(BaseModel):
    """A party of the matter."""

    role: Literal["producer", "seller", "importer", "entrusting_party"]
    subject: PushSubject
    confirmed: bool = False


class PushProduct(BaseModel):
    """The product concerned."""

    model_config = ConfigDict(populate_by_name=True)
    name: str
    class_: str | None = Field(default=None, alias="class")
    brand: str | None = None
    model: str | None = None
    batch: str | None = None


class PushRecord(BaseModel):
    """One record. `details` has the members of its kind, as `/v1/catalogue` lists them."""

    model_config = ConfigDict(extra="forbid")
    source_record_id: str
    kind: str = Field(examples=["administrative_penalty"])
    operation: Literal["upsert", "correct", "withdraw"] = "upsert"
    reason: Literal["revoked", "changed", "unlawful"] | None = None
    subject: PushSubject
    authority: PushAuthority | None = None
    parties: list[PushParty] = []
    assertion: Literal["determined", "self_declared", "third_party"] | None = None
    effect: Literal["not_final", "under_review", "suspended", "final", "changed", "revoked", "unlawful"] = (
        "final"
    )
    served_on: date | None = None
    obligation_fulfilled_on: date | None = None
    stage: Literal["production", "circulation", "use", "consumption"] | None = None
    region: str | None = None
    occurred_on: date
    published_on: date | None = None
    valid_until: date | None = None
    document_number: str | None = None
    product: PushProduct | None = None
    details: dict[str, Any] = {}


class Push(BaseModel):
    """A push as JSON."""

    model_config = ConfigDict(extra="forbid")
    records: list[PushRecord]


class Counts(BaseModel):
    """How many items came, and what became of them."""

    total: int
    accepted: int
    unchanged: int
    held: int
    rejected: int


class FaultItem(BaseModel):
    """One fault of an item: stable code, JSON pointer, text in the language of the push; of a sheet also where it is."""

    code: str
    field: str
    message: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = Field(default=None, description="The title of the column")


class VerdictItem(BaseModel):
    """What became of one item."""

    index: int
    source_record_id: str | None
    verdict: Literal["accepted", "unchanged", "held", "rejected"]
    uscc: str | None
    record_id: str | None
    version: int | None
    faults: list[FaultItem]


class SourceColumn(BaseModel):
    """A column of a sheet and the field that it fills."""

    title: str
    field: str


class SourceSheet(BaseModel):
    """How one sheet was read; `not_read` are the columns that name no field, or a person."""

    sheet: str | None
    header_row: int
    columns: list[SourceColumn]
    not_read: list[str]


class Source(BaseModel):
    """How a push that came as a sheet was read."""

    media_type: str
    kind: str
    sheets: list[SourceSheet]


class BatchAnswer(BaseModel):
    """A batch. `items` stand in the answer to a small push only; `receipt` once it is complete."""

    id: str | None
    status: Literal["processing", "completed", "dry_run"]
    counts: Counts
    items_url: str | None
    items: list[VerdictItem] | None = None
    receipt: str | None = None
    idempotency_key: str | None = None
    created_at: str | None = None
    completed_at: str | None = None
    source: Source | None = Field(default=None, description="Of a sheet: how it was read")


class BatchList(BaseModel):
    """A page of batches."""

    items: list[BatchAnswer]
    next: str | None


class VerdictList(BaseModel):
    """A page of verdicts."""

    items: list[VerdictItem]
    next: str | None


class ReceiptAnswer(BaseModel):
    """A receipt as a compact JWS."""

    receipt: str


class Coverage(BaseModel):
    """The range of `seq` that a page covers, events filtered out included: after (exclusive) to through."""

    after: int
    through: int


class Event(BaseModel):
    """One event of the journal."""

    id: str
    epoch: int
    seq: int
    type: str = Field(examples=["record_upserted"])
    schema_: int = Field(alias="schema")
    uscc: str | None
    enterprise_version: int | None
    provider: str | None
    kind: str | None
    region: str | None
    record_id: str | None
    record_version: int | None
    recorded_at: str
    withheld: list[str]
    data: dict[str, Any]


class ChangesPage(BaseModel):
    """A page of changes. As NDJSON the last line is the same with `control: end` in place of events."""

    epoch: int
    covers: Coverage
    head: int
    grant_version: int
    events: list[Event]
    next: str
    more: bool
