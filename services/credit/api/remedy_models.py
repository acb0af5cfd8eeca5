"""The JSON shapes of remedies in answers, for the API's document."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class RemedyDeadline(BaseModel):
    """The period that runs: its last day in China, and whether that is over. `estimated`: a year whose notice of days
    off is not known plays a part."""

    term: str = Field(examples=["objection_decision"])
    since: str
    due_on: str
    estimated: bool
    overdue: bool
    basis: str


class RemedyStepShown(BaseModel):
    """One step of a case with the version of the enterprise that it made. Other members are the step's own words, null
    where the caller is no party."""

    model_config = ConfigDict(extra="allow")
    no: int
    action: str
    state: str
    agency: str
    on: str
    recorded_at: str
    enterprise_version: int


class IntervalShown(BaseModel):
    """From a day through a day; null without end."""

    since: str
    until: str | None


class IntervalsShown(BaseModel):
    """When the record is published, shared and used; each ends by itself, on its own day."""

    published: IntervalShown | None
    shared: IntervalShown
    used: IntervalShown | None


class RemedyShown(BaseModel):
    """A case about one record. `handler` decides: the record's provider, or who took over from it."""

    id: str
    uscc: str
    record_id: str
    record_version: int = Field(description="The version of the record at the filing.")
    kind: str
    region: str
    filer: str
    provider: str
    handler: str
    closed: bool
    received_on: str
    filed_at: str
    closed_at: str | None
    rules: str
    deadline: RemedyDeadline | None
    escalated_to: str | None = Field(description="Who has the case because it is overdue.")
    version: int = Field(description="Also its `ETag`, for `If-Match`.")
    words_withheld: bool = Field(description="The caller is no party: the parties' own words are null.")
    steps: list[RemedyStepShown] | None = Field(default=None, description="Not in lists.")
    intervals: IntervalsShown | None = Field(
        default=None, description="Not in lists; null for a record that was withdrawn."
    )
    statement: str | None = None
    evidence: list[dict[str, Any]] | None = None
