"""The JSON shapes of products."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field


class Producer(BaseModel):
    """Whose product it is."""

    uscc: str
    name: str


class ProductClass(BaseModel):
    """One of the five key classes with its level of risk (待确认, as the list of classes says)."""

    code: str
    name: str
    risk: Literal["I", "II", "III"]


class Interval(BaseModel):
    """The bounds of the true share (Wilson, 95 %), in percent."""

    low: str
    high: str


class Rate(BaseModel):
    """How many of the checked batches passed. Few batches leave a wide interval; it scores nobody."""

    checked: int
    passed: int
    share: str | None = Field(examples=["75.00"])
    interval: Interval | None


class RecentRate(Rate):
    """The rate of the last months, as long as every result of a check may be used."""

    months: int


class YearRate(Rate):
    """The rate of one year."""

    year: int


class ProductSummary(BaseModel):
    """A product in short, by the records that the caller's grants cover."""

    id: str
    name: str
    brand: str | None
    model: str | None
    producer: Producer
    product_class: ProductClass | None
    records: int
    latest_on: date
    provisional: bool = Field(description="Whether a record about it is under objection.")
    pass_rate: RecentRate


class ProductPage(BaseModel):
    """A page of products."""

    items: list[ProductSummary]
    next: str | None


class ProductBatch(BaseModel):
    """A batch that records name."""

    batch: str
    latest_on: date
    records: int
    checked: int
    passed: int
    recalled: bool


class ProductRecall(BaseModel):
    """A recall of the product."""

    record_id: str
    occurred_on: date
    initiation: Literal["voluntary", "influenced", "ordered"]
    progress: str | None
    batch: str | None
    recalled_quantity: int | None
    completed_quantity: int | None


class ProductFinding(BaseModel):
    """An item that a check found wrong."""

    record_id: str
    occurred_on: date
    item: str
    measured: str | None
    required: str | None


class DeclaredIndicator(BaseModel):
    """What the producer declared, and the failed items since then whose names stand in it."""

    record_id: str
    kind: Literal["self_disclosure", "standard_declaration"]
    occurred_on: date
    text: str
    findings: list[ProductFinding]


class ProductFile(ProductSummary):
    """The file of a product (产品档案)."""

    refusals: int
    by_year: list[YearRate]
    kinds: dict[str, int]
    batches: list[ProductBatch]
    recalls: list[ProductRecall]
    declared: list[DeclaredIndicator]


class ProductRecords(BaseModel):
    """A page of a product's records, the latest first, whoever's file they are in."""

    items: list[dict[str, Any]]
    next: str | None
