"""The JSON shapes of previews."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.credit.api.models import Grade


class PreviewFault(BaseModel):
    """One fault of the record, as a push would tell it."""

    code: str
    field: str
    message: str


class RuleApplied(BaseModel):
    """The rule of the rule book that applies to the record; points as a decimal string, before decay and caps."""

    id: str = Field(examples=["penalty_fine"])
    pillar: str
    points: str = Field(examples=["-12.00"])
    ceiling: str | None
    basis: str


class Span(BaseModel):
    """A number of units of time."""

    n: int
    unit: Literal["working_day", "calendar_day", "month", "year"]


class SeverityTier(BaseModel):
    """How grave the information is (轻微, 一般, 严重), and for how long it is published."""

    id: str = Field(examples=["general"])
    published_at_least: Span | None
    published_at_most: Span
    repair_from: date | None = Field(
        description="The first day on which a repair may be applied for; null where it ends by itself."
    )
    basis: str
    confirmed: bool = Field(description="False where an officer has yet to confirm the basis (待确认).")


class Through(BaseModel):
    """From a day through a day; null is without end."""

    since: date
    until: date | None


class RecordIntervals(BaseModel):
    """When the record is published, shared and used in grading; null where it never is."""

    published: Through | None
    shared: Through
    used: Through | None


class Consequences(BaseModel):
    """What follows for the record itself."""

    rule: RuleApplied | None
    counts: bool = Field(description="Whether it has a part in the grade of today.")
    tier: SeverityTier | None = Field(description="Null for what does not speak against the firm.")
    intervals: RecordIntervals


class GroundMet(BaseModel):
    """A ground of a list whose tests the record passes. It lists nobody: the authority finds what remains and decides."""

    id: str
    list: str
    name: str
    remains: str
    basis: str
    confirmed: bool


class Supervision(BaseModel):
    """What a letter means for supervision: internal, never a label of the firm. Of a hundred firms of the letter and of
    the product's risk, `inspection_share` are drawn; null where the record names no product class."""

    letter: str
    name: str
    risk: Literal["I", "II", "III"] | None
    inspection_share: int | None
    measures: list[str]
    basis: str
    confirmed: bool


class SupervisionChange(BaseModel):
    """Supervision before and after."""

    before: Supervision | None
    after: Supervision | None


class Effect(BaseModel):
    """What would become of one enterprise. Grades are null without the scope `grades:read`, and where there is no file."""

    uscc: str
    before: Grade | None
    after: Grade | None
    supervision: SupervisionChange | None


class Preview(BaseModel):
    """What the push of a record would do now. Nothing is kept."""

    source_record_id: str | None
    verdict: Literal["accepted", "unchanged", "held", "rejected"]
    uscc: str | None
    record_id: str | None
    version: int | None
    faults: list[PreviewFault]
    record: dict[str, Any] | None = Field(description="The record as it would be stored and shown.")
    consequences: Consequences | None
    listing_grounds: list[GroundMet]
    enterprises: list[Effect] = Field(
        description="The record's enterprise first; a second one where a correction moves the record."
    )
    next_change_on: date | None = Field(
        description="The first day on which time alone would change the grade."
    )
