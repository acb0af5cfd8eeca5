"""Product files as one caller sees them: the records that its grants cover, and what these come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from services.credit.domain import product_file
from services.credit.domain.pass_rate import PassRate
from services.credit.domain.product_file import SELF_DECLARED, Check, Entry
from services.credit.domain.rules import RuleBook
from services.credit.service.supervision_rules import RISK_OF
from services.credit.store import enterprises, products
from services.credit.store.products import ProductRecord, StoredProduct
from services.kernel.db import AnySession
from services.kernel.kinds.kind import PRODUCT_CLASSES
from services.kernel.policy import Reach

BATCHES_SHOWN = 50
RECALLS_SHOWN = 20
INDICATORS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, what its grants cover, and on which day."""

    agency: str
    reach: Reach
    today: date

    def sees(self, record: ProductRecord) -> bool:
        """Whether the grants cover a record that is still shared, or is the reader's own."""
        is_shared = record.shared_until is None or record.shared_until >= self.today
        return self.reach.covers(record.kind, record.region) and (is_shared or record.provider == self.agency)


@dataclass(frozen=True, slots=True)
class SeenProduct:
    """A product with the records that a reader sees, the latest first."""

    product: StoredProduct
    records: Sequence[ProductRecord]

    @property
    def entries(self) -> list[Entry]:
        """The records as the product's file counts them."""
        return [_entry(record) for record in self.records]


def _entry(record: ProductRecord) -> Entry:
    return Entry(msgspec.json.decode(record.content), record.disputed, record.used_until)


def seen(session: AnySession, found: Sequence[StoredProduct], reader: Reader) -> list[SeenProduct]:
    """Those of the products of which the reader sees a record, in the same order."""
    held: dict[str, list[ProductRecord]] = {}
    for record in products.records_of(session, [product.id for product in found]):
        if reader.sees(record):
            held.setdefault(record.product_id, []).append(record)
    return [SeenProduct(product, held[product.id]) for product in found if product.id in held]


def producer_names(session: AnySession, found: Sequence[SeenProduct]) -> dict[str, str]:
    """The names of the producers by code."""
    states = enterprises.read(session, {each.product.uscc for each in found})
    return {code: state.name or code for code, state in states.items()}


def summary(each: SeenProduct, producer: str, book: RuleBook, on: date) -> dict[str, Any]:
    """A product in short: what it is called, how many records speak of it, how its batches did."""
    entries = each.entries
    checks = product_file.checks_of(entries, each.product.uscc, on)
    return _head(each, entries, producer) | {"pass_rate": _pass_rate(checks, book, on)}


def whole(session: AnySession, each: SeenProduct, reader: Reader, book: RuleBook) -> dict[str, Any]:
    """A product's file without its records."""
    on, producer = reader.today, each.product.uscc
    entries = each.entries
    checks = product_file.checks_of(entries, producer, on)
    names = producer_names(session, [each])
    declared = product_file.indicators_of(_declarations(session, each, reader), entries, producer, on)
    kinds = sorted({record.kind for record in each.records})
    return _head(each, entries, names.get(producer, producer)) | {
        "pass_rate": _pass_rate(checks, book, on),
        "refusals": sum(check.result == "refused" for check in checks),
        "by_year": [
            {"year": year} | _rate(rate) for year, rate in product_file.rates_by_year(checks).items()
        ],
        "kinds": {kind: sum(record.kind == kind for record in each.records) for kind in kinds},
        "batches": [
            batch._asdict() for batch in product_file.batches_of(entries, producer, on)[:BATCHES_SHOWN]
        ],
        "recalls": [_recall(entry) for entry in entries if entry.record["kind"] == "recall"][:RECALLS_SHOWN],
        "declared": [
            indicator._asdict() | {"findings": [finding._asdict() for finding in indicator.findings]}
            for indicator in declared[:INDICATORS_SHOWN]
        ],
    }


def _head(each: SeenProduct, entries: Sequence[Entry], producer: str) -> dict[str, Any]:
    stated = entries[0].record["product"]
    classes = [found for entry in entries if (found := entry.record["product"].get("class"))]
    code = classes[0] if classes else None
    return {
        "id": each.product.id,
        "name": stated["name"],
        "brand": stated["brand"] if each.product.brand else None,
        "model": stated["model"] if each.product.model else None,
        "producer": {"uscc": each.product.uscc, "name": producer},
        "product_class": {"code": code, "name": PRODUCT_CLASSES[code], "risk": RISK_OF[code]} if code else None,
        "records": len(entries),
        "latest_on": entries[0].occurred_on,
        "provisional": any(entry.disputed for entry in entries),
    }  # fmt: skip


def _pass_rate(checks: Sequence[Check], book: RuleBook, on: date) -> dict[str, Any]:
    months = product_file.shortest_use(book)
    return {"months": months} | _rate(product_file.rate_of(product_file.recent(checks, months, on)))


def _rate(rate: PassRate) -> dict[str, Any]:
    return {
        "checked": rate.checked,
        "passed": rate.passed,
        "share": _percent(rate.share),
        "interval": None if rate.low is None else {"low": _percent(rate.low), "high": _percent(rate.high)},
    }


def _percent(hundredths: int | None) -> str | None:
    return None if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"


def _recall(entry: Entry) -> dict[str, Any]:
    record, details = entry.record, entry.record["details"]
    return {
        "record_id": record["record_id"],
        "occurred_on": entry.occurred_on,
        "initiation": details["initiation"],
        "progress": details.get("progress"),
        "batch": entry.batch,
        "recalled_quantity": details.get("recalled_quantity"),
        "completed_quantity": details.get("completed_quantity"),
    }


def _declarations(session: AnySession, each: SeenProduct, reader: Reader) -> list[Entry]:
    """The producer's declarations of this product, and of the name alone where brand or model were left out."""
    own = each.product
    meant = [
        product
        for product in products.of_producer(session, own.uscc)
        if product.name == own.name and product.brand in {"", own.brand} and product.model in {"", own.model}
    ]
    found = [
        record
        for record in products.records_of(session, [product.id for product in meant])
        if record.kind in SELF_DECLARED and reader.sees(record)
    ]
    return [_entry(record) for record in found]
