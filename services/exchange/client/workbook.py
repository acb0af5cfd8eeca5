"""Sheets of a workbook as rows of text, each with its row number, as a person reads them on the screen."""

import datetime
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO, Final

import python_calamine

from services.exchange.client.archive import inspect
from services.exchange.client.failures import UnreadableFileError
from services.exchange.client.limits import Limits

_EXACT_DIGITS: Final = 15
"""Spreadsheets keep no more digits of a number; what stood behind them is lost."""

LOST: Final = "\ufffd"

Merge = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file (the line it begins on, or the sheet's row; from 1) and its cells as text."""

    number: int
    cells: list[str]


class Workbook:
    """A workbook that was found harmless; its hidden sheets are not read, because who sends it does not see them."""

    def __init__(self, file: BinaryIO, limits: Limits, *, is_old_format: bool = False) -> None:
        """Open it.

        Raises:
            UnreadableFileError: it cannot be opened, or may do harm.
        """
        if not is_old_format:
            inspect(file, limits)
        file.seek(0)
        self._limits = limits
        try:
            self._book = python_calamine.CalamineWorkbook.from_filelike(file)
            described = self._book.sheets_metadata
        except python_calamine.PasswordError as error:
            raise UnreadableFileError(
                "the workbook is locked with a password",
                "take the password off and send it again",
                "sheet_encrypted",
            ) from error
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise _unreadable(error) from error
        shown = python_calamine.SheetVisibleEnum.Visible
        sheets = [sheet for sheet in described if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
        self.names = [sheet.name for sheet in sheets if sheet.visible == shown]
        self.hidden = [sheet.name for sheet in sheets if sheet.visible != shown]

    def rows(self, name: str) -> Iterator[Row]:
        """Every row of a sheet up to its last cell; what a cell merged over several rows says, each of them says.

        Raises:
            UnreadableFileError: the sheet cannot be read, or is too large.
        """
        try:
            sheet = self._book.get_sheet_by_name(name)
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise _unreadable(error) from error
        start, merges = sheet.start, sheet.merged_cell_ranges or []
        if start is None:
            return
        before = start[1]
        if (
            before + sheet.width > self._limits.columns
            or sheet.total_height * sheet.width > self._limits.cells
        ):
            raise UnreadableFileError(
                "the workbook is too large: a sheet spans too many cells",
                "delete empty rows and columns, split it, or send CSV or NDJSON",
                "sheet_too_large",
            )
        tall = sorted(merge for merge in merges if merge[1][0] > merge[0][0])
        blank = [""] * before
        texts = ([*blank, *map(text_of, row)] for row in sheet.iter_rows())
        for offset, cells in enumerate(_filled(texts, deque(tall))):
            yield Row(offset + 1, cells)


def _filled(rows: Iterator[list[str]], merges: deque[Merge]) -> Iterator[list[str]]:
    """The rows with the text of cells that are merged downwards repeated in each row that they cover."""
    going: list[tuple[int, int, str]] = []
    for number, cells in enumerate(rows):
        if going:
            going = [merge for merge in going if merge[0] >= number]
            for _, column, text in going:
                if column < len(cells) and not cells[column]:
                    cells[column] = text
        while merges and merges[0][0][0] <= number:
            (top, column), (bottom, _) = merges.popleft()
            if top == number and column < len(cells) and cells[column]:
                going.append((bottom, column, cells[column]))
        yield cells


def text_of(cell: object) -> str:
    """A sheet's cell as a person would have written it: whole numbers without a point, dates as YYYY-MM-DD.

    A number longer than sheets keep has lost its last digits: they are marked, so that nobody takes what a sheet
    made up for a code.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        return _number(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def _number(number: float) -> str:
    if number == int(number) if abs(number) < 1e300 else False:
        whole = str(abs(int(number)))
        if len(whole) > _EXACT_DIGITS:
            whole = whole[:_EXACT_DIGITS] + LOST * (len(whole) - _EXACT_DIGITS)
        return whole if number >= 0 else f"-{whole}"
    return format(Decimal(format(number, f".{_EXACT_DIGITS}g")), "f")


def _unreadable(error: Exception) -> UnreadableFileError:
    return UnreadableFileError(
        f"the workbook cannot be read: {error}",
        "open it in a spreadsheet program and save it again as .xlsx, or as CSV",
        "sheet_unreadable",
    )
