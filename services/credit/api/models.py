"""The JSON shapes of the credit API, for its document and for request bodies."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Pillar(BaseModel):
    """One pillar's part of a score; decimal strings."""

    id: str = Field(examples=["compliance"])
    score: str = Field(examples=["30.00"])
    max: str = Field(examples=["35.00"])


class Veto(BaseModel):
    """What holds the grade at `ceiling` or worse through `until`. With `explain=true` also the record, rule and basis
    behind it; `withheld` where the caller's grants do not cover the record."""

    ceiling: str
    until: str
    record_id: str | None = Field(default=None, description="Only with `explain=true`.")
    rule: str | None = Field(default=None, description="Only with `explain=true`.")
    basis: str | None = Field(default=None, description="Only with `explain=true`.")


class Explanation(BaseModel):
    """One record's part in a grade: rule, points as a decimal string, legal basis. A record that scores nothing because
    its act or offence is counted by another one, or because the act fell, has the rule `corroboration` and says which and
    why."""

    record_id: str | None
    pillar: str
    points: str = Field(examples=["-12.50"])
    rule: str
    basis: str
    counted_by: str | None = Field(
        default=None, description="The record that speaks for the same act; only of a corroboration."
    )
    reason: Literal["authority_prevails", "told_before", "same_offence", "act_fell"] | None = Field(
        default=None, description="Why the record scores nothing; only of a corroboration."
    )


class Grade(BaseModel):
    """The indicative grade of an enterprise on a day in China, by a published rule book."""

    uscc: str
    name: str
    grade: str = Field(examples=["AA"])
    score: str | None = Field(examples=["87.50"])
    on: str = Field(examples=["2026-11-20"])
    rulebook: str = Field(examples=["2026-01"])
    provisional: bool
    use: Literal["reference_only"]
    pillars: list[Pillar]
    vetoes: list[Veto]
    listings: list[dict[str, Any]]
    decision: dict[str, Any] | None
    out_of_province: bool
    next_change_on: str | None
    enterprise_version: int
    succeeded_by: list[str] | None = Field(
        default=None,
        description="To whom the code points; only of a firm that ceased by a merger, split or succession.",
    )
    explanation: list[Explanation] | None = Field(default=None, description="Only with `explain=true`.")


class Letter(BaseModel):
    """A grade in short."""

    grade: str = Field(examples=["A"])
    score: str | None = Field(examples=["77.00"])
    provisional: bool


class Difference(BaseModel):
    """One record's part in a grade that differs from before; points as decimal strings, null where it has none. Record
    and basis are withheld where the caller's grants do not cover the record."""

    record_id: str | None
    turn: Literal["begins", "fades", "changes", "ends", "veto_begins", "veto_ends"]
    pillar: str | None
    points_before: str | None
    points_after: str | None
    rule: str
    basis: str


class GradeChange(BaseModel):
    """One change of letter or score."""

    model_config = ConfigDict(populate_by_name=True)
    on: date = Field(description="The day in China from which it holds.")
    recorded_at: str | None = Field(
        description="The instant at which it was recorded; null where time alone did it."
    )
    enterprise_version: int
    cause: Literal["records", "remedy", "time", "rulebook"]
    rulebook: str
    from_: Letter | None = Field(alias="from", description="Null for the first grade.")
    to: Letter
    differences: list[Difference]


class GradeHistory(BaseModel):
    """A page of an enterprise's changes, the latest first."""

    items: list[GradeChange]
    next: str | None


class OutlookStep(Letter):
    """What the grade is from a day on, and which records make the difference."""

    on: date
    differences: list[Difference]


class Outlook(Letter):
    """The grade of today and the steps that time alone will make of it."""

    uscc: str
    on: date
    rulebook: str
    steps: list[OutlookStep]
    complete: bool = Field(description="Whether no later step is left out.")
    enterprise_version: int


class Standing(BaseModel):
    """An enterprise among its peers."""

    uscc: str
    on: date
    rulebook: str
    industry: str | None = Field(description="Division of GB/T 4754, as registered.", examples=["17"])
    industry_name: str | None
    region: str | None = Field(description="The prefecture.", examples=["430100"])
    score: str | None
    n: int = Field(description="Rated firms of the industry and prefecture, this one included.")
    minimum: int = Field(description="Among fewer there is no percentile.")
    percentile: str | None = Field(
        description="The share of scores below, equal ones counted by half, in percent.", examples=["87.50"]
    )


class EnterpriseHit(BaseModel):
    """One result of a search. `found_as` is the name, current or former, that matched."""

    uscc: str
    name: str
    found_as: str
    region: str
    region_name: str | None
    grade: str | None


class EnterpriseHits(BaseModel):
    """A page of search results."""

    items: list[EnterpriseHit]
    next: str | None


class RecordPage(BaseModel):
    """A page of an enterprise's records, the latest first."""

    items: list[dict[str, Any]]
    next: str | None


class Identifier(BaseModel):
    """Another identifier under which a source knows the enterprise."""

    scheme: str = Field(examples=["registration_number"])
    value: str


class RelatedFirm(BaseModel):
    """Another firm to which an act of the register ties this one; see `/v1/restructurings`."""

    relation: Literal[
        "merged_into",
        "merged_from",
        "split_into",
        "split_from",
        "succeeded_by",
        "succeeds",
        "branch_of",
        "has_branch",
    ]
    uscc: str


class PublishedGrade(BaseModel):
    """The grade that a decision gave a firm, while its days last. `public`: it may be shown to the public."""

    id: str
    grade: str
    rulebook: str
    agency: str
    document_number: str
    valid_from: str
    valid_until: str
    use: str
    public: bool
    public_basis: str | None


class EnterpriseFile(BaseModel):
    """The quality-credit file of an enterprise as one view (质量信用档案)."""

    uscc: str
    name: str
    former_names: list[str]
    identifiers: list[Identifier]
    relations: list[RelatedFirm] = Field(description="By mergers, splits, successions and branches in force.")
    region: str
    region_name: str | None
    registered: bool
    grade: Grade | None = Field(description="Null without the scope `grades:read`.")
    published_grade: PublishedGrade | None = Field(
        description="The grade decision in force; null without one, or without `grades:read`."
    )
    listings: list[dict[str, Any]]
    records: list[dict[str, Any]] = Field(
        description="The latest records that the caller's grants cover, at most ten."
    )


class LookupRequest(BaseModel):
    """Up to 1,000 codes, answered in this order, repeats kept."""

    model_config = ConfigDict(extra="forbid")
    codes: list[Annotated[str, Field(max_length=200)]] = Field(max_length=1000)
    purpose: str | None = None


class LookupItem(BaseModel):
    """The answer for one code."""

    uscc: str
    found: bool
    grade: Grade | None = None


class LookupAnswer(BaseModel):
    """The answers in the order of the request."""

    items: list[LookupItem]


class Wording(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class RuleBook(BaseModel):
    """A released rule book: its text is what grades are computed from, its digest is SHA-256 of it."""

    id: str = Field(examples=["2026-01"])
    title: Wording
    digest: str
    valid_from: date
    valid_until: date | None
    active: bool = Field(description="Whether it grades now.")
    activated_at: str | None = Field(description="The instant from which it grades.")
    text: str


class RuleBooks(BaseModel):
    """All released rule books."""

    items: list[RuleBook]
    next: str | None


class SimulationRequest(BaseModel):
    """A rule book to compare with the active one."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=1_000_000, description="The rule book as TOML, see docs/rulebook.md.")


class Transition(BaseModel):
    """How many firms go from one letter to another."""

    model_config = ConfigDict(populate_by_name=True)
    from_: str = Field(alias="from")
    to: str
    firms: int


class MoverLetter(BaseModel):
    """A letter with its score."""

    grade: str
    score: str | None


class Mover(BaseModel):
    """One of the firms whose score changes most."""

    model_config = ConfigDict(populate_by_name=True)
    uscc: str
    from_: MoverLetter = Field(alias="from")
    to: MoverLetter


class SimulationResult(BaseModel):
    """What the other book would make of the population on a day."""

    active: str = Field(description="The book that graded when the simulation began.")
    on: date
    firms: int
    changed: int = Field(description="How many letters differ.")
    matrix: list[Transition]
    largest_movers: list[Mover]


class Simulation(BaseModel):
    """A simulation and how far it has come."""

    id: str
    state: Literal["pending", "running", "completed"]
    digest: str = Field(description="SHA-256 of the simulated text.")
    requested_at: str
    done: int
    total: int | None
    result: SimulationResult | None


class Health(BaseModel):
    """Whether the service is alive or ready."""

    status: Literal["ok"]


class Problem(BaseModel):
    """An error (RFC 9457) with a stable code; text in the caller's language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    request_id: str
    faults: list[dict[str, Any]]
