"""Headers of a table → fields of a kind; pure.

A plan is what a file is read by. It is kept beside the receipt, so that the very bytes of a push can be made again
from the file, whatever the catalogue says by then.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from services.exchange.client.catalogue import Column, Entry
from services.exchange.client.failures import IncompleteMappingError

REGISTRATION: Final = "enterprise_registration"
_REGISTERED_ON: Final = ("注册日期", "成立日期", "登记日期")
_PERSONS: Final = frozenset(
    {
        "法人代表",
        "法定代表人",
        "法人",
        "法人姓名",
        "法人代表姓名",
        "法定代表人姓名",
        "法定代表人证件号码",
        "法定代表人身份证号",
        "cf_xdr_fddbr",
        "xk_fddbr",
        "legal_representative",
    }
)
_BRACKETED: Final = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】")

VERDICT_HEADER: Final = "质信处理结果"
REASON_HEADER: Final = "质信差错说明"
"""The columns that an annotated copy adds; a corrected copy may keep them."""
_ANNOTATIONS: Final = frozenset({VERDICT_HEADER, REASON_HEADER})


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the file that is sent: its position (from 0), its header, and the field it fills."""

    position: int
    header: str
    path: str
    type: str
    unit: str | None = None
    values: list[str] | None = None
    labels: dict[str, str] | None = None
    synonyms: dict[str, str] | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How the rows of one file become records of one kind.

    `dropped` are columns of persons, which are never sent; `unmapped` ones name no field of the kind; `missing` are
    required fields that no column fills; `annotated` are the positions of what an annotated copy added.
    """

    kind: str
    width: int
    fields: list[Field]
    dropped: list[str] = []
    unmapped: list[str] = []
    missing: list[str] = []
    annotated: list[int] = []


def header_key(header: str) -> str:
    """A header as headers are compared: NFKC, without blanks and bracketed units, in lower case."""
    folded = full_key(header)
    return _BRACKETED.sub("", folded) or folded


def full_key(header: str) -> str:
    return "".join(unicodedata.normalize("NFKC", header).split()).lower()


def header_unit(header: str) -> str | None:
    """What stands in a header's brackets, such as 万元."""
    found = _BRACKETED.search(full_key(header))
    return next((part for part in found.groups() if part), None) if found else None


def make_plan(headers: Sequence[str], entry: Entry, overrides: Mapping[str, str]) -> Plan:
    """The plan of reading a file with these headers as the entry's kind.

    `overrides` (header → JSON pointer) go before the catalogue's headers. Of two columns for one field the first
    fills it; a list takes the values of all (处罚类别1, 处罚类别2).

    Raises:
        IncompleteMappingError: an override names no header of the file or no field of the kind.
    """
    columns = {column.path: column for column in entry.columns}
    known = known_headers(entry)
    forced = _forced(headers, columns, overrides, entry.kind)
    fields: list[Field] = []
    dropped: list[str] = []
    unmapped: list[str] = []
    filled = set(forced.values())
    for position, header in enumerate(headers):
        key = header_key(header)
        if not header or header in _ANNOTATIONS:
            continue
        column, name = known.get(full_key(header)) or known.get(key, (None, ""))
        if key in forced and column is not columns[forced[key]]:
            column, name = columns[forced[key]], ""
        if key in _PERSONS and (entry.kind == REGISTRATION or column is None):
            dropped.append(header)
        elif column is None or (key not in forced and column.path in filled and column.type != "list"):
            unmapped.append(header)
        else:
            filled.add(column.path)
            fields.append(_field(position, header, column, header_unit(header) or header_unit(name)))
    if entry.kind == REGISTRATION and "/occurred_on" not in filled:
        day = _registered_on(headers)
        fields += day
        unmapped = [header for header in unmapped if header not in {field.header for field in day}]
    provided = {field.path for field in fields} | _supplied(entry.kind, fields)
    missing = [column.path for column in entry.columns if column.required and column.path not in provided]
    return Plan(
        kind=entry.kind,
        width=len(headers),
        fields=fields,
        dropped=dropped,
        unmapped=unmapped,
        missing=missing,
        annotated=[at for at, header in enumerate(headers) if header in _ANNOTATIONS],
    )


def choose_plan(
    headers: Sequence[str], entries: Sequence[Entry], *, kind: str | None, overrides: Mapping[str, str]
) -> Plan:
    """The plan for the kind that is asked for, or for the kind that the headers fit best.

    Raises:
        IncompleteMappingError: no such kind, no header fits any, or two kinds fit equally.
    """
    if kind is not None:
        for entry in entries:
            if entry.kind == kind:
                return make_plan(headers, entry, overrides)
        known = ", ".join(entry.kind for entry in entries)
        raise IncompleteMappingError(f"the platform knows no kind {kind!r}", f"kinds: {known}")
    plans = [plan for entry in entries if (plan := _attempt(headers, entry, overrides)) is not None]
    ranked = sorted(plans, key=_fitness, reverse=True)
    if not ranked or not ranked[0].fields:
        raise IncompleteMappingError(
            "no header of the file is known to the catalogue",
            "name the fields with --kind and --map HEADER=/path",
        )
    if len(ranked) > 1 and _fitness(ranked[0]) == _fitness(ranked[1]):
        raise IncompleteMappingError(
            f"the headers fit {ranked[0].kind} and {ranked[1].kind} equally well", "say which with --kind"
        )
    return ranked[0]


def known_headers(entry: Entry) -> dict[str, tuple[Column | None, str]]:
    """Every header of the catalogue → its field; whole headers first, then without what stands in brackets."""
    known: dict[str, tuple[Column | None, str]] = {}
    for key in (full_key, header_key):
        for column in entry.columns:
            for name in column.headers:
                known.setdefault(key(name), (column, name))
    return known


def _attempt(headers: Sequence[str], entry: Entry, overrides: Mapping[str, str]) -> Plan | None:
    try:
        return make_plan(headers, entry, overrides)
    except IncompleteMappingError:
        return None


def _fitness(plan: Plan) -> tuple[int, int]:
    return len({field.position for field in plan.fields}), -len(plan.missing)


def _forced(
    headers: Sequence[str], columns: Mapping[str, Column], overrides: Mapping[str, str], kind: str
) -> dict[str, str]:
    present = {header_key(header) for header in headers}
    forced = {}
    for header, path in overrides.items():
        if header_key(header) not in present:
            raise IncompleteMappingError(f"the file has no column {header!r}")
        if path not in columns:
            raise IncompleteMappingError(
                f"{kind} has no field {path}", f"fields: {' '.join(sorted(columns))}"
            )
        forced[header_key(header)] = path
    return forced


def _field(position: int, header: str, column: Column, unit: str | None) -> Field:
    return Field(
        position=position,
        header=header,
        path=column.path,
        type=column.type,
        unit=unit if column.type == "money" else None,
        values=column.values,
        labels=column.labels,
        synonyms=column.synonyms,
    )


def _registered_on(headers: Sequence[str]) -> list[Field]:
    """The day of registration is the day on which the act of a registration occurred."""
    for position, header in enumerate(headers):
        if header_key(header) in _REGISTERED_ON:
            return [Field(position=position, header=header, path="/occurred_on", type="date")]
    return []


def _supplied(kind: str, fields: Sequence[Field]) -> set[str]:
    """Fields that need no column: the kind itself and, of a registration, what its code says."""
    supplied = {"/kind"}
    if kind == REGISTRATION and any(field.path == "/subject/uscc" for field in fields):
        supplied |= {"/source_record_id", "/region"}
    return supplied
