"""Cells as people write them → values of the contract; pure.

What is not understood is handed on as it is, so that the platform names the fault at its place.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Final

Convert = Callable[[str], Any]

NOTHING: Final = frozenset({"", "/", "／", "n/a", "暂无", "—", "——", "－－", "--", "―", "–"})
"""What stands for "no value" in real files, in lower case."""

_DATE: Final = re.compile(
    r"(?P<y>\d{4})(?:(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})|年(?P<mc>\d{1,2})月(?P<dc>\d{1,2})[日号]?"
    r"|(?P<mm>\d{2})(?P<dd>\d{2}))(?:[T ]0?0:00(?::00(?:\.0+)?)?)?"
)
_CHINESE_DATE: Final = re.compile(
    r"(?P<y>[〇○零一二三四五六七八九]{4})年(?P<m>[一二三四五六七八九十]{1,2})月(?P<d>[一二三四五六七八九十廿卅]{1,3})[日号]?"
)
_SERIAL: Final = re.compile(r"(?P<n>[2-7]\d{4})(?:\.0+)?")
_SERIAL_EPOCH: Final = datetime.date(1899, 12, 30)
_DIGITS: Final = {name: value for value, name in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
_MONEY: Final = re.compile(
    r"(?:人民币|RMB|[¥￥])?(?P<n>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?P<u>百万元?|千元|万元?|亿元?|元)?整?",
    re.IGNORECASE,
)
_INTEGER: Final = re.compile(r"(?P<n>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+))(?:\.0+)?")
_LONGEST_NUMBER: Final = 24
"""Longer numbers are no amounts; what is computed with shorter ones is exact."""
_UNITS: Final = {
    "元": Decimal(1),
    "千元": Decimal(1_000),
    "万": Decimal(10_000),
    "百万": Decimal(1_000_000),
    "亿": Decimal(100_000_000),
}
_TRUE: Final = frozenset({"是", "true", "yes", "y", "1", "1.0", "√"})
_FALSE: Final = frozenset({"否", "false", "no", "n", "0", "0.0", "×"})
_BETWEEN: Final = re.compile(r"[；;、\n]")
_BETWEEN_CODES: Final = re.compile(r"[；;、\n,，]")
_APOSTROPHE: Final = re.compile(r"['’‘＇](?=[0-9A-Z=+\-@'＝＋－＠])")
_FLOATING_CODE: Final = re.compile(r"(?P<n>\d+)\.0+")
_INVISIBLE: Final = str.maketrans("", "", "\ufeff\u200b\u200e\u200f\u2060")
_JOINT: Final = "\0"
"""Stands for a 、 inside a name while a list is split; no cell holds it."""


def tidy(cell: str) -> str:
    """A cell without blanks around it, marks that nobody sees, and the apostrophe by which sheets keep text.

    The apostrophe goes only before what a sheet would otherwise take for a number, a formula or a code.
    """
    text = cell.strip()
    if text.isalnum():
        return text
    text = text.translate(_INVISIBLE).strip()
    return text[1:] if _APOSTROPHE.match(text) else text


def is_nothing(cell: str) -> bool:
    """Whether a cell, stripped, stands for no value."""
    return len(cell) < 4 and cell.lower() in NOTHING


def folded(text: str) -> str:
    """Full-width forms folded (NFKC) and blanks dropped, for values that are codes, numbers or dates."""
    if text.isascii() and " " not in text:
        return text
    return "".join(unicodedata.normalize("NFKC", text).split())


def read_date(cell: str) -> str:
    """YYYY-MM-DD from 2026-03-02, 2026/3/2, 2026.3.2, 20260302, 2026年3月2日, 二〇二六年三月二日 or the number by which
    sheets keep that day (46083); anything else as it is."""
    text = unicodedata.normalize("NFKC", cell).strip()
    found = _DATE.fullmatch(text) or _DATE.fullmatch(folded(text))
    if found is None:
        return _chinese_day(folded(cell)) or _serial_day(text) or cell
    month = found["m"] or found["mc"] or found["mm"]
    day = found["d"] or found["dc"] or found["dd"]
    return _day(int(found["y"]), int(month), int(day)) or cell


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:  # 2026-02-30: the platform says so better than we could
        return None


def _chinese_day(text: str) -> str | None:
    found = _CHINESE_DATE.fullmatch(text)
    if found is None:
        return None
    year = int("".join(str(_DIGITS[digit]) for digit in found["y"]))
    month, day = _up_to_ninety_nine(found["m"]), _up_to_ninety_nine(found["d"])
    return _day(year, month, day) if month and day else None


def _up_to_ninety_nine(text: str) -> int | None:
    """三 3, 十 10, 十二 12, 二十 20, 二十一 21, 廿一 21, 卅一 31; None when it is no such number."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return None
    return (_DIGITS[tens] if tens else 1 if ten else 0) * 10 + (_DIGITS[ones] if ones else 0)


def _serial_day(text: str) -> str | None:
    """The day that a sheet keeps as a number: days since 1899-12-30, here from 1954 to 2119."""
    found = _SERIAL.fullmatch(text)
    return (_SERIAL_EPOCH + datetime.timedelta(days=int(found["n"]))).isoformat() if found else None


def money_reader(unit: str | None) -> Convert:
    """A reader of yuan amounts for a column whose header says the unit (元, 万元, 亿元; None: yuan).

    A unit in the cell wins over the header's. Conversion is exact; an unknown unit leaves the cell as it is.
    """
    factor = Decimal(1) if unit is None else _factor(unit)

    def read(cell: str) -> str:
        text = folded(cell)
        found = _MONEY.fullmatch(text) if len(text) < _LONGEST_NUMBER else None
        if found is None:
            return cell
        times = _factor(found["u"]) if found["u"] else factor
        return cell if times is None else _plain(Decimal(found["n"].replace(",", "")) * times)

    return read


def _factor(unit: str) -> Decimal | None:
    return _UNITS.get(unit) or _UNITS.get(unit.removesuffix("元"))


def read_integer(cell: str) -> int | str:
    """A whole number, thousands commas allowed, and the point that a sheet puts behind it."""
    text = folded(cell)
    found = _INTEGER.fullmatch(text)
    return int(found["n"].replace(",", "")) if found and len(text) < _LONGEST_NUMBER else cell


def read_boolean(cell: str) -> bool | str:
    """是 or 否, and their usual English and numeric forms."""
    text = folded(cell).lower()
    if text in _TRUE:
        return True
    return False if text in _FALSE else cell


def read_code(cell: str) -> str:
    """A code as text; the point and nought behind it came when a sheet took it for a number."""
    found = _FLOATING_CODE.fullmatch(cell)
    return found["n"] if found else cell


def choice_reader(
    values: list[str] | None, labels: Mapping[str, str] | None, synonyms: Mapping[str, str] | None = None
) -> Convert:
    """A reader of a choice written as its code, as its Chinese name, or in another way that the catalogue knows."""
    codes = _codes(values, labels, synonyms)

    def read(cell: str) -> str:
        return codes.get(folded(cell).lower(), cell)

    return read


def _codes(
    values: list[str] | None, labels: Mapping[str, str] | None, synonyms: Mapping[str, str] | None
) -> dict[str, str]:
    """Every way of writing a code, as ways are compared → the code."""
    codes = {folded(other).lower(): code for other, code in (synonyms or {}).items()}
    codes |= {folded(label).lower(): code for code, label in (labels or {}).items()}
    return codes | {folded(value).lower(): value for value in values or ()}


def list_reader(item: Convert, between: re.Pattern[str] = _BETWEEN, names: Collection[str] = ()) -> Convert:
    """A reader of several values between ； ; 、 or line breaks; one of the `names` that has a 、 in it stays whole."""
    whole = sorted((name for name in names if "、" in name), key=len, reverse=True)

    def read(cell: str) -> list[Any]:
        for name in whole:
            cell = cell.replace(name, name.replace("、", _JOINT))
        parts = (part.strip().replace(_JOINT, "、") for part in between.split(cell))
        return [item(part) for part in parts if part]

    return read


def read_text(cell: str) -> str:
    """Text stays as it is."""
    return cell


def reader(
    kind: str,
    *,
    unit: str | None,
    values: list[str] | None,
    labels: Mapping[str, str] | None,
    synonyms: Mapping[str, str] | None = None,
) -> Convert:
    """The reader for a column of the catalogue's type; an unknown type is text."""
    if kind == "money":
        return money_reader(unit)
    if kind == "choice":
        return choice_reader(values, labels, synonyms)
    if kind == "list":
        if values or labels:
            names = {*(values or ()), *(labels or {}).values(), *(synonyms or ())}
            return list_reader(choice_reader(values, labels, synonyms), _BETWEEN_CODES, names)
        return list_reader(read_text)
    plain: dict[str, Convert] = {"date": read_date, "integer": read_integer, "boolean": read_boolean}
    return plain.get(kind, read_text)


def _plain(amount: Decimal) -> str:
    """Without an exponent and without zeros that say nothing: 12.500000 万元 is 125000 yuan."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
