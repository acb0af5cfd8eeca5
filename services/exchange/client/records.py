"""Rows of a table → push records, by a plan; pure and deterministic, so that the same file gives the same bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from services.exchange.client.cells import Convert, folded, is_nothing, read_code, reader, tidy
from services.exchange.client.mapping import REGISTRATION, Plan
from services.exchange.client.workbook import Row

WITHHELD: Final = "withheld"
"""Stands for a surplus cell that may hold a person's name."""

EXAMPLE: Final = "示例"
"""A row whose source record id begins so is the template's example, and no record."""

_CODES: Final = frozenset(
    {
        "/source_record_id",
        "/subject/uscc",
        "/subject/organisation_code",
        "/subject/registration_number",
        "/authority/uscc",
        "/region",
    }
)
_IDENTITY: Final = frozenset({"/source_record_id", "/subject/uscc", "/subject/name", "/occurred_on"})

Record = dict[str, Any]


@dataclass(frozen=True)
class _Slot:
    position: int
    path: str
    steps: list[str]
    convert: Convert


def record_maker(plan: Plan) -> Callable[[Row], Record]:
    """A function that makes the record of a row.

    A cell that stands for nothing leaves its field out. Cells beyond the header go under `column_N` (N from 1), a
    field that no kind has, so that the platform refuses the row and says where. In a file with a column of persons
    a row that does not fit its header is sent with nothing but what identifies it: the person's name may stand in
    any of its cells.
    """
    slots = [_slot(plan, index) for index in range(len(plan.fields))]
    code_at = next((slot.position for slot in slots if slot.path == "/subject/uscc"), None)
    registration = plan.kind == REGISTRATION

    def make(row: Row) -> Record:
        cells = [tidy(cell) for cell in row.cells]
        code = (
            folded(cells[code_at]).replace("-", "").upper()
            if code_at is not None and code_at < len(cells)
            else ""
        )
        code = "" if is_nothing(code) else code
        surplus = [
            (at, cell) for at, cell in enumerate(cells[plan.width :], plan.width) if not is_nothing(cell)
        ]
        guarded = bool(plan.dropped) and (bool(surplus) or (registration and not _like_a_code(code)))
        record: Record = {"source_record_id": code} if registration and code else {}
        record["kind"] = plan.kind
        if registration and _region_digits(code):
            record["region"] = code[2:8]
        for slot in slots:
            cell = cells[slot.position] if slot.position < len(cells) else ""
            if is_nothing(cell) or (guarded and slot.path not in _IDENTITY):
                continue
            if registration and slot.path == "/region" and not any(map(str.isdigit, cell)):
                continue  # a place's name is no region code; the code of the firm says it
            _put(record, slot.steps, slot.convert(cell))
        for at, cell in surplus:
            record[f"column_{at + 1}"] = WITHHELD if guarded else cell
        return record

    return make


def encode(record: Record) -> bytes:
    """One record as one line of NDJSON, without its line feed."""
    return msgspec.json.encode(record)


def encoded_records(rows: Iterator[Row], plan: Plan) -> Iterator[tuple[int, bytes]]:
    """(row number, record as JSON) of every row, in order, none left out but the header said again and the
    template's example."""
    make, is_record = record_maker(plan), record_test(plan)
    for row in rows:
        if is_record(row.cells):
            yield row.number, encode(make(row))


def record_test(plan: Plan) -> Callable[[list[str]], bool]:
    """Whether the cells of a row are a record, and not the header said again or the template's example."""
    headers = [(field.position, field.header) for field in plan.fields]
    id_at = next((field.position for field in plan.fields if field.path == "/source_record_id"), None)
    said = set(plan.annotated)

    def is_record(cells: list[str]) -> bool:
        if id_at is not None and id_at < len(cells) and cells[id_at].lstrip().startswith(EXAMPLE):
            return False
        if said and not any(cell.strip() for at, cell in enumerate(cells) if at not in said):
            return False
        return not headers or not all(
            at < len(cells) and cells[at].strip() == header for at, header in headers
        )

    return is_record


def _slot(plan: Plan, index: int) -> _Slot:
    field = plan.fields[index]
    convert = (
        read_code
        if field.path in _CODES
        else reader(
            field.type, unit=field.unit, values=field.values, labels=field.labels, synonyms=field.synonyms
        )
    )
    steps = [step.replace("~1", "/").replace("~0", "~") for step in field.path.split("/")[1:]]
    return _Slot(field.position, field.path, steps, convert)


def _like_a_code(code: str) -> bool:
    return len(code) == 18 and code.isascii() and code.isalnum()


def _region_digits(code: str) -> bool:
    return _like_a_code(code) and code[2:8].isdigit()


def _put(record: Record, steps: list[str], value: Any) -> None:
    """Set the value at a JSON pointer's steps (RFC 6901), making objects and lists on the way."""
    place: Any = record
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(place, list):
            index = min(int(step), len(place))
            if index == len(place):
                place.append(_fresh(after, value))
            place = place[index]
        elif after is None:
            known = place.get(step)  # a list of which another column gave a part already
            place[step] = (
                known + [each for each in value if each not in known] if isinstance(known, list) else value
            )
        else:
            place = place.setdefault(step, _fresh(after, value))


def _fresh(after: str | None, value: Any) -> Any:
    if after is None:
        return value
    return [] if after.isdigit() else {}
