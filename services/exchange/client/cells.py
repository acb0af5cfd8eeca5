"""Cells as people write them → values of the contract; pure.

What is not understood is handed on as it is, so that the platform names the fault at its place.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

Convert = Callable[[str], Any]

NOTHING: Final = frozenset({"", "/", "n/a", "暂无"})
"""What stands for "no value" in real files, in lower case."""

_DATE: Final = re.compile(
    r"(?P<y>\d{4})(?:(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})|年(?P<mc>\d{1,2})月(?P<dc>\d{1,2})日?"
    r"|(?P<mm>\d{2})(?P<dd>\d{2}))(?:[T ]00:00(?::00(?:\.0+)?)?)?"
)
_MONEY: Final = re.compile(r"[¥￥]?(?P<n>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?P<u>元|万元|亿元)?")
_INTEGER: Final = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)")
_UNITS: Final = {"元": Decimal(1), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
_TRUE: Final = frozenset({"是", "true", "yes", "y", "1"})
_FALSE: Final = frozenset({"否", "false", "no", "n", "0"})
_BETWEEN: Final = re.compile(r"[；;、]")


def is_nothing(cell: str) -> bool:
    """Whether a cell, stripped, stands for no value."""
    return len(cell) < 4 and cell.lower() in NOTHING


def folded(text: str) -> str:
    """Full-width forms folded (NFKC) and blanks dropped, for values that are codes, numbers or dates."""
    if text.isascii() and " " not in text:
        return text
    return "".join(unicodedata.normalize("NFKC", text).split())


def read_date(cell: str) -> str:
    """YYYY-MM-DD from 2026-03-02, 2026/3/2, 2026.3.2, 20260302 or 2026年3月2日; anything else as it is."""
    text = unicodedata.normalize("NFKC", cell).strip()
    found = _DATE.fullmatch(text) or _DATE.fullmatch(folded(text))
    if found is None:
        return cell
    month = found["m"] or found["mc"] or found["mm"]
    day = found["d"] or found["dc"] or found["dd"]
    try:
        return datetime.date(int(found["y"]), int(month), int(day)).isoformat()
    except ValueError:  # 2026-02-30: the platform says so better than we could
        return cell


def money_reader(unit: str | None) -> Convert:
    """A reader of yuan amounts for a column whose header says the unit (元, 万元, 亿元; None: yuan).

    A unit in the cell wins over the header's. Conversion is exact; an unknown unit leaves the cell as it is.
    """
    factor = Decimal(1) if unit is None else _UNITS.get(unit)

    def read(cell: str) -> str:
        found = _MONEY.fullmatch(folded(cell))
        if found is None:
            return cell
        times = _UNITS[found["u"]] if found["u"] else factor
        return cell if times is None else _plain(Decimal(found["n"].replace(",", "")) * times)

    return read


def read_integer(cell: str) -> int | str:
    """A whole number, thousands commas allowed."""
    text = folded(cell)
    return int(text.replace(",", "")) if _INTEGER.fullmatch(text) and len(text) < 24 else cell


def read_boolean(cell: str) -> bool | str:
    """是 or 否, and their usual English and numeric forms."""
    text = folded(cell).lower()
    if text in _TRUE:
        return True
    return False if text in _FALSE else cell


def choice_reader(values: list[str] | None, labels: Mapping[str, str] | None) -> Convert:
    """A reader of a choice written as its code or as its Chinese name."""
    codes = {folded(value).lower(): value for value in values or ()}
    codes |= {folded(label): code for code, label in (labels or {}).items()}

    def read(cell: str) -> str:
        text = folded(cell)
        return codes.get(text) or codes.get(text.lower()) or cell

    return read


def list_reader(item: Convert) -> Convert:
    """A reader of several values between ； ; or 、."""

    def read(cell: str) -> list[Any]:
        return [item(part.strip()) for part in _BETWEEN.split(cell) if part.strip()]

    return read


def read_text(cell: str) -> str:
    """Text stays as it is."""
    return cell


def reader(
    kind: str, *, unit: str | None, values: list[str] | None, labels: Mapping[str, str] | None
) -> Convert:
    """The reader for a column of the catalogue's type; an unknown type is text."""
    if kind == "money":
        return money_reader(unit)
    if kind == "choice":
        return choice_reader(values, labels)
    if kind == "list":
        return list_reader(choice_reader(values, labels) if values or labels else read_text)
    plain: dict[str, Convert] = {"date": read_date, "integer": read_integer, "boolean": read_boolean}
    return plain.get(kind, read_text)


def _plain(amount: Decimal) -> str:
    """Without an exponent and without zeros that say nothing: 12.500000 万元 is 125000 yuan."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
