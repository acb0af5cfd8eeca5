"""Numbers and order: what each agency sends, day by day, in batches that the door answers in the request."""

import operator
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from services.launch.province.agencies import agencies
from services.launch.province.statements import Record, Statement

BATCH: Final = 1000
"""At most so many records a batch; with these records that also stays below 1 MiB of JSON in UTF-8."""

_IDS: Final = {
    "administrative_penalty": "CF", "spot_check": "CC", "quality_award": "RY", "administrative_licence": "XK",
    "certification": "RZ", "complaint": "TS", "violation_report": "JB", "recall": "ZH", "standard_declaration": "BZ",
    "standard_forerunner": "LP", "quality_commitment": "CN", "random_inspection": "SJ",
}  # fmt: skip
_told_on = operator.attrgetter("told_on")


def _number(statements: list[Statement]) -> None:
    """Writes source record ids and document numbers, ascending in each agency's year; later statements on a record
    repeat the numbers of the first."""
    records: dict[str, int] = defaultdict(int)
    documents: dict[tuple[str, str], int] = defaultdict(int)
    for statement in statements:
        record = statement.record
        if statement.original is not None:
            first = statement.original.record
            record["source_record_id"] = first["source_record_id"]
            if "document_number" in first:
                record["document_number"] = first["document_number"]
            continue
        kind, year = record["kind"], record["occurred_on"][:4]
        if kind == "enterprise_registration":
            record["source_record_id"] = record["subject"]["uscc"]
        else:
            records[kind] += 1
            record["source_record_id"] = f"KX-{_IDS[kind]}-{records[kind]:06d}"
        if statement.document is not None:
            documents[statement.document, year] += 1
            number = documents[statement.document, year]
            record["document_number"] = f"{statement.agency.brief}{statement.document}字〔{year}〕{number}号"


def write_batches(statements: Iterable[Statement]) -> Iterator[tuple[str, list[Record]]]:
    """(agency id, records) in the order of `agencies()`, each agency's statements in the order of the days on which
    it told them."""
    by_agency: dict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_agency[statement.agency.id].append(statement)
    for agency in agencies():
        told = sorted(by_agency[agency.id], key=_told_on)
        _number(told)
        records = [statement.record for statement in told]
        for first in range(0, len(records), BATCH):
            yield agency.id, records[first : first + BATCH]
