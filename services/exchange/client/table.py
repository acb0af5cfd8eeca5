"""Rows of CSV and XLSX files, each with its place in the file; a broken row never hides its neighbours."""

import csv
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final, Literal

from services.exchange.client.encoding import decoded_lines, detect
from services.exchange.client.failures import UnreadableFileError
from services.exchange.client.limits import DEFAULT, Limits
from services.exchange.client.workbook import Row, Workbook

Format = Literal["csv", "xlsx", "xls", "json", "ndjson"]
TABLES: Final = frozenset({"csv", "xlsx", "xls"})
LINES_ABOVE: Final = 20
"""How many rows with something in them are looked at for the header."""

_LINES_OF_ONE_ROW: Final = 200
"""How many lines a quoted cell may span; beyond it the quote is taken for a stray one."""

csv.field_size_limit(64 * 1024 * 1024)


@dataclass(frozen=True)
class Layout:
    """How the rows of a table file are to be read; enough to read them the same way again."""

    format: Format
    encoding: str = ""
    delimiter: str = ","


@dataclass(frozen=True)
class Head:
    """The first rows of one sheet; a CSV file is one sheet without a name."""

    sheet: str
    rows: list[Row]


def format_of(path: Path) -> Format:
    """The format that the file's name says.

    Raises:
        UnreadableFileError: no format of ours has this ending.
    """
    endings: dict[str, Format] = {
        ".csv": "csv",
        ".tsv": "csv",
        ".txt": "csv",
        ".xlsx": "xlsx",
        ".xlsm": "xlsx",
        ".xls": "xls",
        ".json": "json",
        ".ndjson": "ndjson",
        ".jsonl": "ndjson",
    }
    ending = path.suffix.lower()
    if ending not in endings:
        raise UnreadableFileError(f"{path.name}: the ending must be one of {' '.join(endings)}")
    return endings[ending]


def layout_of(file: BinaryIO, fmt: Format) -> Layout:
    """Encoding and delimiter of a table file.

    Raises:
        UnreadableFileError: the file is no text.
    """
    if fmt != "csv":
        return Layout(fmt)
    encoding = detect(file).name
    start = "".join(islice(decoded_lines(file, encoding), LINES_ABOVE))
    return Layout(fmt, encoding, max(",\t;", key=start.count))


def heads(file: BinaryIO, layout: Layout, limits: Limits = DEFAULT) -> list[Head]:
    """The first rows of each sheet that a person sees, those without anything left out.

    Raises:
        UnreadableFileError: the file cannot be read.
    """
    if layout.format == "csv":
        rows = list(islice(_filled(_text_rows(file, layout, 1)), LINES_ABOVE))
        if any(len(row.cells) > limits.columns for row in rows):
            raise UnreadableFileError(
                f"the table has more than {limits.columns} columns",
                "delete the columns that hold nothing",
                "sheet_too_large",
            )
        return [Head("", rows)]
    book = _workbook(file, layout, limits)
    return [Head(name, list(islice(_filled(book.rows(name)), LINES_ABOVE))) for name in book.names]


def read_rows(
    file: BinaryIO, layout: Layout, header_rows: Mapping[str, int], limits: Limits = DEFAULT
) -> Iterator[tuple[str, Row]]:
    """(sheet, row) of every row with something in it below the header rows of these sheets, sheet by sheet.

    Raises:
        UnreadableFileError: the file cannot be read.
    """
    book = None if layout.format == "csv" else _workbook(file, layout, limits)
    for sheet, header_row in header_rows.items():
        rows = _bounded(_text_rows(file, layout, header_row), limits) if book is None else book.rows(sheet)
        yield from ((sheet, row) for row in _filled(rows) if row.number > header_row)


def all_rows(
    file: BinaryIO, layout: Layout, header_rows: Mapping[str, int], limits: Limits = DEFAULT
) -> Iterator[tuple[str, Iterator[Row]]]:
    """(sheet, its rows) of every sheet that a person sees, rows above the header and empty ones included.

    Raises:
        UnreadableFileError: the file cannot be read.
    """
    if layout.format == "csv":
        yield "", _bounded(_text_rows(file, layout, header_rows.get("", 1)), limits)
        return
    book = _workbook(file, layout, limits)
    yield from ((name, book.rows(name)) for name in book.names)


def _bounded(rows: Iterator[Row], limits: Limits) -> Iterator[Row]:
    """Rows no wider than a table may be: the one cell too many lets the platform refuse the row."""
    most = limits.columns + 1
    return (row if len(row.cells) <= most else Row(row.number, row.cells[:most]) for row in rows)


def _workbook(file: BinaryIO, layout: Layout, limits: Limits) -> Workbook:
    return Workbook(file, limits, is_old_format=layout.format == "xls")


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    return (row for row in rows if any(cell and not cell.isspace() for cell in row.cells))


def _text_rows(file: BinaryIO, layout: Layout, header_row: int) -> Iterator[Row]:
    lines = decoded_lines(file, layout.encoding)
    ahead: deque[str] = deque()
    number, width = 1, 0
    while True:
        first = ahead.popleft() if ahead else next(lines, None)
        if first is None:
            return
        cells, taken = _cells(first, layout.delimiter), 0
        if '"' in first and _ends_inside_quotes(first, layout.delimiter, inside=False):
            cells, taken = _spanning_row(first, ahead, lines, layout.delimiter, width) or (cells, 0)
        for _ in range(taken):
            ahead.popleft()
        width = width or (len(cells) if number >= header_row else 0)
        yield Row(number, cells)
        number += 1 + taken


def _spanning_row(
    first: str, ahead: deque[str], lines: Iterator[str], delimiter: str, width: int
) -> tuple[list[str], int] | None:
    """The cells of a row that spans several lines, and how many further lines it takes.

    None when its quote is a stray one: it is never closed, or closing it gives a row of another width than the
    header. Then the line stands alone, so that a stray quote cannot swallow the good rows after it.
    """
    parts = [first]
    for line in chain(list(ahead), _remembered(lines, ahead)):
        parts.append(line)
        if '"' in line and not _ends_inside_quotes(line, delimiter, inside=True):
            cells = _strictly_read("".join(parts), delimiter)
            return (cells, len(parts) - 1) if cells and width in {0, len(cells)} else None
        if len(parts) > _LINES_OF_ONE_ROW:
            return None
    return None


def _strictly_read(text: str, delimiter: str) -> list[str]:
    """The cells, or none when a closing quote is followed by more text: then it was the opening one of another row."""
    try:
        return next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _remembered(lines: Iterator[str], ahead: deque[str]) -> Iterator[str]:
    for line in islice(lines, _LINES_OF_ONE_ROW):
        ahead.append(line)
        yield line


def _ends_inside_quotes(text: str, delimiter: str, *, inside: bool) -> bool:
    """Whether a quoted cell is still open at the end of the text (RFC 4180, 2: a quote in a cell is doubled)."""
    at_start = not inside
    place, end = 0, len(text)
    while place < end:
        character = text[place]
        if inside:
            if character == '"':
                if place + 1 < end and text[place + 1] == '"':
                    place += 1
                else:
                    inside = False
            at_start = False
        elif character == '"' and at_start:
            inside, at_start = True, False
        else:
            at_start = character == delimiter
        place += 1
    return inside


def _cells(text: str, delimiter: str) -> list[str]:
    text = text.rstrip("\r\n")
    if '"' not in text:
        return text.split(delimiter)
    if _ends_inside_quotes(text, delimiter, inside=False):
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:  # a carriage return outside quotes
        return text.split(delimiter)
