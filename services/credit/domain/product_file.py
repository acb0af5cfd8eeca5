"""A product's file (产品档案): what its records come to. Pure; nothing here scores anybody.

Counted are batches: of a check told by several agencies, or told twice, one. Only a supervision sample counts that an
authority determined, whose document is in effect and whose producer is the confirmed one (design, I10); a record under
objection, or that may be used no longer, does not. Declarations of the producer stand beside what was found, uncounted.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from services.credit.domain.facts import Fact, attributes_of, fact_of_content, is_responsible
from services.credit.domain.months import end_of_period
from services.credit.domain.pass_rate import PassRate, pass_rate
from services.credit.domain.product import key_of
from services.credit.domain.rules import RuleBook

_IN_FORCE = frozenset({"final", "changed"})
SELF_DECLARED = frozenset({"self_disclosure", "standard_declaration"})
_SHORTEST_WORD = 2


class Entry(NamedTuple):
    """One record about a product: its JSON, and what its remedies do to it."""

    record: Mapping[str, Any]
    disputed: bool
    used_until: date | None

    @property
    def occurred_on(self) -> date:
        """The day of the act."""
        return date.fromisoformat(self.record["occurred_on"])

    @property
    def batch(self) -> str | None:
        """The batch as it was stated; None where none was."""
        stated = (self.record["product"] or {}).get("batch")
        return stated if stated and key_of(stated) else None


class Check(NamedTuple):
    """A checked batch that counts."""

    occurred_on: date
    batch: str | None
    result: str


class Batch(NamedTuple):
    """What is known of a batch: how many records name it, how often it was checked and passed, and whether it is recalled."""

    batch: str
    latest_on: date
    records: int
    checked: int
    passed: int
    recalled: bool


class Finding(NamedTuple):
    """An item that a check found wrong."""

    record_id: str
    occurred_on: date
    item: str
    measured: str | None
    required: str | None


class Indicator(NamedTuple):
    """What a producer declared, and what checks found of it since."""

    record_id: str
    kind: str
    occurred_on: date
    text: str
    findings: tuple[Finding, ...]


def checks_of(entries: Iterable[Entry], producer: str, on: date) -> list[Check]:
    """The checked batches that count on a day, each once, in the order of the entries."""
    seen: set[tuple[str, str]] = set()
    found = []
    for entry in entries:
        record = entry.record
        if record["kind"] != "spot_check" or not _counts(entry, producer, on):
            continue
        fact = fact_of_content(record, record["record_id"])
        batch = key_of(entry.batch)
        sample = (_act_of(fact, record), batch)
        if sample not in seen:
            seen.add(sample)
            found.append(Check(entry.occurred_on, entry.batch, record["details"]["result"]))
    return found


def _act_of(fact: Fact, record: Mapping[str, Any]) -> str:
    # without a batch, one announcement's number covers many samples: then each record is one
    return fact.act if fact.act and (record["product"] or {}).get("batch") else fact.record_id


def _counts(entry: Entry, producer: str, on: date) -> bool:
    record = entry.record
    if entry.disputed or record["assertion"] != "determined" or record["effect"] not in _IN_FORCE:
        return False
    if entry.used_until is not None and entry.used_until < on:
        return False
    if record["valid_until"] is not None and date.fromisoformat(record["valid_until"]) < on:
        return False
    parties = [(p["role"], p["subject"]["uscc"] or "", p["confirmed"]) for p in record["parties"]]
    attributes = attributes_of(record["kind"], record["details"])
    return is_responsible(record["kind"], producer, parties, attributes)


def rate_of(checks: Iterable[Check]) -> PassRate:
    """The pass rate of checks; a refusal is no sample."""
    results = [check.result for check in checks if check.result != "refused"]
    return pass_rate(len(results), results.count("pass"))


def recent(checks: Iterable[Check], months: int, on: date) -> list[Check]:
    """The checks that lie at most so many months back."""
    today = on.toordinal()
    return [check for check in checks if end_of_period(check.occurred_on.toordinal(), months) >= today]


def rates_by_year(checks: Sequence[Check]) -> dict[int, PassRate]:
    """The pass rate of each year in which something was sampled, the latest first."""
    years = sorted({check.occurred_on.year for check in checks}, reverse=True)
    rates = {year: rate_of(check for check in checks if check.occurred_on.year == year) for year in years}
    return {year: rate for year, rate in rates.items() if rate.checked}


def shortest_use(book: RuleBook) -> int:
    """For how many months every result of a check may be used, so that passes are not kept where failures are gone."""
    return min((rule.use_months for rule in book.rules if rule.kind == "spot_check"), default=12)


def batches_of(entries: Sequence[Entry], producer: str, on: date) -> list[Batch]:
    """The batches that the records name, the latest first."""
    named: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.batch is not None:
            named.setdefault(key_of(entry.batch), []).append(entry)
    found = []
    for held in named.values():
        results = [check.result for check in checks_of(held, producer, on) if check.result != "refused"]
        latest = max(held, key=lambda entry: (entry.occurred_on, entry.record["record_id"]))
        found.append(
            Batch(
                str(latest.batch), latest.occurred_on, len(held), len(results), results.count("pass"),
                any(entry.record["kind"] == "recall" for entry in held),
            )
        )  # fmt: skip
    return sorted(found, key=lambda batch: (batch.latest_on, batch.batch), reverse=True)


def indicators_of(
    declarations: Iterable[Entry], entries: Sequence[Entry], producer: str, on: date
) -> list[Indicator]:
    """What the producer declared of the product, each with the failed items since then that it speaks of."""
    failures = [
        entry
        for entry in entries
        if entry.record["kind"] == "spot_check"
        and entry.record["details"]["result"] == "fail"
        and _counts(entry, producer, on)
    ]
    found = []
    for entry in declarations:
        record = entry.record
        for said in _declared(record):
            since = [failure for failure in failures if failure.occurred_on >= entry.occurred_on]
            found.append(
                Indicator(
                    record["record_id"], record["kind"], entry.occurred_on, said,
                    tuple(finding for failure in since for finding in _findings(failure, said)),
                )
            )  # fmt: skip
    return found


def _declared(record: Mapping[str, Any]) -> list[str]:
    details = record["details"]
    if record["kind"] == "standard_declaration":
        return list(details.get("indicators") or [])
    return [details["content"]]


def _findings(failure: Entry, said: str) -> Iterable[Finding]:
    """The failed items that a declaration speaks of: those whose name stands in it."""
    details, declared = failure.record["details"], key_of(said)
    measured, required = details.get("measured_values") or [], details.get("required_values") or []
    for place, item in enumerate(details.get("failed_items") or []):
        name = key_of(item)
        if len(name) >= _SHORTEST_WORD and name in declared:
            yield Finding(
                failure.record["record_id"], failure.occurred_on, item,
                measured[place] if place < len(measured) else None,
                required[place] if place < len(required) else None,
            )  # fmt: skip
