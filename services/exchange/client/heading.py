"""Where the header of each sheet stands, and by which plan the rows below it are read; pure.

Clerks put titles and notes above a header, repeat it over several sheets, and keep code lists beside the data. The
header is the row among the first ones that names most fields; a sheet without such a row holds no records.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from services.exchange.client.catalogue import Entry
from services.exchange.client.failures import IncompleteMappingError, UnreadableFileError
from services.exchange.client.mapping import Plan, choose_plan, full_key, header_key, known_headers
from services.exchange.client.table import Head
from services.exchange.client.workbook import Row


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One sheet that holds records: its name (none of a CSV file), the row of its header, and its plan."""

    sheet: str
    header_row: int
    plan: Plan


def find_tables(
    heads: Sequence[Head], entries: Sequence[Entry], *, kind: str | None, overrides: Mapping[str, str]
) -> list[Table]:
    """The sheets that hold records of one kind: the sheet whose header fits best, and those that fit half as well.

    Raises:
        UnreadableFileError: no sheet holds a row.
        IncompleteMappingError: the headers do not say which kind it is, or an override names no header.
    """
    wanted = [entry for entry in entries if kind is None or entry.kind == kind] or list(entries)
    known = [_keys(entry, overrides) for entry in wanted]
    found = [
        (max(_hits(row, keys) for keys in known), -at, number, row)
        for at, head in enumerate(heads)
        for number, row in enumerate(head.rows)
    ]
    if not found:
        raise UnreadableFileError("the file holds no row", code="sheet_unreadable")
    best = max(found, key=lambda candidate: (candidate[0], candidate[1], -candidate[2]))
    headers = headers_in(best[3])
    _refuse_absent(overrides, heads)
    plan = choose_plan(headers, entries, kind=kind, overrides=_present(overrides, headers))
    entry = next(entry for entry in entries if entry.kind == plan.kind)
    tables = []
    for at, head in enumerate(heads):
        table = (
            Table(sheet=head.sheet, header_row=best[3].number, plan=plan)
            if at == -best[1]
            else _like(head, entry, plan, overrides)
        )
        if table is not None:
            tables.append(table)
    return tables


def headers_in(row: Row) -> list[str]:
    """The cells of a header, without empty ones at its end."""
    cells = [cell.strip() for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _like(head: Head, entry: Entry, plan: Plan, overrides: Mapping[str, str]) -> Table | None:
    """The sheet as a further table of the kind, if its best row fits at least half as well as the chosen one."""
    keys = _keys(entry, overrides)
    row = max(head.rows, key=lambda row: (_hits(row, keys), -row.number), default=None)
    if row is None:
        return None
    headers = headers_in(row)
    further = choose_plan(headers, [entry], kind=entry.kind, overrides=_present(overrides, headers))
    if len(further.fields) < max(2, len(plan.fields) / 2):
        return None
    return Table(sheet=head.sheet, header_row=row.number, plan=further)


def _present(overrides: Mapping[str, str], headers: Sequence[str]) -> dict[str, str]:
    own = {header_key(header) for header in headers}
    return {header: path for header, path in overrides.items() if header_key(header) in own}


def _refuse_absent(overrides: Mapping[str, str], heads: Sequence[Head]) -> None:
    seen = {header_key(cell) for head in heads for row in head.rows for cell in row.cells}
    for header in overrides:
        if header_key(header) not in seen:
            raise IncompleteMappingError(
                f"the file has no column {header!r}", "correct --map or the mapping file"
            )


def _keys(entry: Entry, overrides: Mapping[str, str]) -> AbstractSet[str]:
    return known_headers(entry).keys() | {header_key(header) for header in overrides}


def _hits(row: Row, keys: AbstractSet[str]) -> int:
    return len({header_key(cell) for cell in row.cells if full_key(cell) in keys or header_key(cell) in keys})
