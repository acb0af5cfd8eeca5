"""Rows of CSV and XLSX files, each with its place in the file; a broken row never hides its neighbours."""

import csv
import datetime
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final, Literal

import python_calamine

from services.exchange.client.encoding import decoded_lines, detect
from services.exchange.client.failures import UnreadableFileError

Format = Literal["csv", "xlsx", "json", "ndjson"]

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
class Row:
    """One row: its number in the file (the line it begins on, or the sheet's row; from 1) and its cells as text."""

    number: int
    cells: list[str]


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
        ".xls": "xlsx",
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
    header = next(decoded_lines(file, encoding), "")
    return Layout(fmt, encoding, max(",\t;", key=header.count))


def read_rows(file: BinaryIO, layout: Layout) -> Iterator[Row]:
    """Every row of the file that has a cell with something in it; the first one is the header.

    Raises:
        UnreadableFileError: the workbook cannot be opened.
    """
    rows = _sheet_rows(file) if layout.format == "xlsx" else _text_rows(file, layout)
    return (row for row in rows if any(cell and not cell.isspace() for cell in row.cells))


def _text_rows(file: BinaryIO, layout: Layout) -> Iterator[Row]:
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
        width = width or len(cells)
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


def _sheet_rows(file: BinaryIO) -> Iterator[Row]:
    file.seek(0)
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
        start = sheet.start
        first = (start[0] if start else 0) + 1
        width = sheet.width
        rows = sheet.to_python(skip_empty_area=True)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise UnreadableFileError(
            f"the workbook cannot be read: {error}", "save it again as .xlsx or as CSV"
        ) from error
    for offset, row in enumerate(rows):
        yield Row(first + offset, [_text_of(cell) for cell in row[:width]])


def _text_of(cell: object) -> str:
    """A sheet's cell as a person would have written it: whole numbers without a point, dates as YYYY-MM-DD."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)
