"""An annotated copy of a sheet: every row as it came, with what became of it, and its faults in its own row.

The copy is written anew, each cell as text, so that nothing in it is ever evaluated. Corrected, it goes in again: its
two columns are no fields.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

import msgspec
import xlsxwriter

from services.exchange.client.batches import Verdict, read_verdicts
from services.exchange.client.failures import UnreadableFileError
from services.exchange.client.heading import Table
from services.exchange.client.limits import DEFAULT, Limits
from services.exchange.client.mapping import REASON_HEADER, VERDICT_HEADER, Plan
from services.exchange.client.records import record_test
from services.exchange.client.table import Layout, all_rows
from services.exchange.client.workbook import Row

_EVALUATED: Final = re.compile(r"['’‘＇]*[=+\-@\t\r＝＋－＠]")
_MOST_ROWS: Final = 1_048_576
_MOST_CHARACTERS: Final = 32_767
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAME: Final = re.compile(r"[\[\]:*?/\\'\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a copy in the reader's language: of each verdict, and between a column and its fault."""

    verdicts: dict[str, str]
    colon: str
    semicolon: str


CHINESE: Final = Words(
    verdicts={"accepted": "已接收", "unchanged": "未变", "held": "暂存", "rejected": "拒收"},
    colon="：",
    semicolon="；",
)
ENGLISH: Final = Words(
    verdicts={
        "accepted": "accepted",
        "unchanged": "unchanged",
        "held": "held",
        "rejected": "rejected",
    },
    colon=": ",
    semicolon="; ",
)


def annotate(
    source: BinaryIO,
    layout: Layout,
    tables: Sequence[Table],
    verdicts: BinaryIO,
    output: IO[bytes],
    words: Words,
    limits: Limits = DEFAULT,
    *,
    as_csv: bool | None = None,
) -> None:
    """Write the annotated copy of a sheet: a workbook of a workbook and CSV of CSV, unless `as_csv` says otherwise.

    `verdicts` are those of its records in order, as NDJSON.

    Raises:
        UnreadableFileError: the file cannot be read.
        MalformedAnswerError: a line is no verdict.
    """
    wanted = {table.sheet: table for table in tables}
    following = read_verdicts(verdicts)
    sheets = all_rows(source, layout, {table.sheet: table.header_row for table in tables}, limits)
    marked = ((name, _marked(rows, wanted.get(name), following, words)) for name, rows in sheets)
    if layout.format == "csv" if as_csv is None else as_csv:
        _write_csv(marked, layout, output)
    else:
        _write_workbook(marked, output)


Mark = tuple[list[str], set[int]]
"""The cells of a row, and the positions of those that have faults."""


def _marked(
    rows: Iterator[Row], table: Table | None, verdicts: Iterator[Verdict], words: Words
) -> Iterator[tuple[int, Mark]]:
    """(row number, marked cells) of each row; those of a sheet without records stay as they are.

    The two columns stand in front, where a row with cells too many cannot push them aside.
    """
    if table is None:
        yield from ((row.number, (row.cells, set())) for row in rows)
        return
    is_record = record_test(table.plan)
    gone = set(table.plan.annotated)
    for row in rows:
        kept = [(at, cell) for at, cell in enumerate(row.cells) if at not in gone]
        says, positions = ["", ""], set[int]()
        if row.number == table.header_row:
            says = [VERDICT_HEADER, REASON_HEADER]
        elif row.number > table.header_row and _is_filled(row) and is_record(row.cells):
            verdict = next(verdicts, None)
            if verdict is not None:
                reasons, faulty = _reasons(verdict, table.plan, words)
                says = [words.verdicts.get(verdict.verdict, verdict.verdict), reasons]
                positions = {index + 2 for index, (at, _) in enumerate(kept) if at in faulty}
        yield row.number, ([*says, *(cell for _, cell in kept)], positions)


def _is_filled(row: Row) -> bool:
    return any(cell and not cell.isspace() for cell in row.cells)


def _reasons(verdict: Verdict, plan: Plan, words: Words) -> tuple[str, set[int]]:
    texts, faulty = [], set[int]()
    for fault in verdict.faults:
        title, position = column_of(fault.field or "", plan)
        if position is not None:
            faulty.add(position)
        texts.append(f"{title}{words.colon}{fault.message}" if title else fault.message or fault.code)
    return words.semicolon.join(texts), faulty


def column_of(pointer: str, plan: Plan) -> tuple[str | None, int | None]:
    """The title and position of the column that fills a field, or an element of it; of a surplus cell its letter."""
    best = max(
        (field for field in plan.fields if pointer == field.path or pointer.startswith(f"{field.path}/")),
        key=lambda field: len(field.path),
        default=None,
    )
    if best is not None:
        return best.header, best.position
    surplus = re.fullmatch(r"/column_(\d{1,5})", pointer)
    if surplus is None:
        return None, None
    position = int(surplus[1]) - 1
    return column_letters(position), position


def column_letters(position: int) -> str:
    """A for 0, Z for 25, AA for 26."""
    letters, rest = "", position + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def escaped(cell: str) -> str:
    """A cell of CSV that no spreadsheet program takes for a formula: an apostrophe goes before what it would evaluate.

    Reading takes it off again. A plain signed number is no formula.
    """
    return f"'{cell}" if _EVALUATED.match(cell) and not _PLAIN_NUMBER.fullmatch(cell) else cell


def _write_csv(
    sheets: Iterator[tuple[str, Iterator[tuple[int, Mark]]]], layout: Layout, output: IO[bytes]
) -> None:
    text = io.TextIOWrapper(cast("BinaryIO", output), encoding="utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text, delimiter=layout.delimiter, lineterminator="\r\n")
    for _, rows in sheets:
        for _, (cells, _) in rows:
            writer.writerow([escaped(cell.replace("\0", "\ufffd")) for cell in cells])
    text.flush()
    text.detach()


def _write_workbook(sheets: Iterator[tuple[str, Iterator[tuple[int, Mark]]]], output: IO[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.xlsx"
        with xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": folder,
            },
        ) as book:
            plain = book.add_format({"num_format": "@"})
            faulty = book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "font_color": "#9C0006"})
            used = set[str]()
            for name, rows in sheets:
                sheet = book.add_worksheet(_sheet_name(name, used))
                for number, (cells, positions) in rows:
                    if number > _MOST_ROWS:
                        raise UnreadableFileError("the copy would have too many rows", code="sheet_too_large")
                    for at, cell in enumerate(cells):
                        if cell:
                            sheet.write_string(
                                number - 1, at, _sheet_text(cell), faulty if at in positions else plain
                            )
        with path.open("rb") as copy:
            while chunk := copy.read(1 << 20):
                output.write(chunk)


def _sheet_name(name: str, used: set[str]) -> str:
    """The sheet's name where writers accept it; names that differ in case only are one name to them."""
    good = _NOT_IN_NAME.sub("", name).strip("' ")[:31]
    chosen = good if good and good.lower() not in used else f"{good[:20] or 'Sheet'} ({len(used) + 1})"
    used.add(chosen.lower())
    return chosen


def _sheet_text(cell: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", cell[:_MOST_CHARACTERS])
