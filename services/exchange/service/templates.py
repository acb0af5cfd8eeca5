"""The official template of a kind: its titles, an example, the code lists and how to fill in; made from the catalogue."""

import csv
import functools
import io
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from services.exchange.client.records import EXAMPLE
from services.exchange.service.catalogue import Column, columns_of, columns_with_choices
from services.kernel import uscc
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import EXPECTED, MemberType

_EXAMPLE_ID: Final = f"{EXAMPLE}（请删除此行）"
_ROWS: Final = 5_000
"""How many rows below the header offer their code lists."""
_MADE: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - a file's own date, so that the same template has the same bytes
_EXAMPLES: Final[dict[str, str]] = {
    "/source_record_id": _EXAMPLE_ID,
    "/subject/uscc": uscc.make("91430102", "KXD00001"),
    "/subject/name": "长沙演示有限公司",
    "/document_number": "演示〔2026〕1号",
    "/region": "430102",
    "/product/name": "演示产品",
}
_BY_TYPE: Final[dict[MemberType, str]] = {
    MemberType.DATE: "2026-03-02",
    MemberType.MONEY: "20000.00",
    MemberType.INTEGER: "1",
    MemberType.BOOLEAN: "是",
    MemberType.LIST: "演示一；演示二",
}


@functools.cache
def csv_template(kind: str) -> bytes:
    """Titles and an example row, in UTF-8 with a mark, as spreadsheet programs want it.

    Raises:
        KeyError: the kind is unknown.
    """
    columns = columns_of(kind)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(
        ([title_of(column) for column in columns], [_example(column) for column in columns])
    )
    return text.getvalue().encode("utf-8-sig")


@functools.cache
def xlsx_template(kind: str) -> bytes:
    """A workbook of three sheets: to fill in, the code lists, how to fill in. Every cell is text, so that no code
    becomes a number.

    Raises:
        KeyError: the kind is unknown.
    """
    columns = columns_of(kind)
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": KINDS[kind].label.zh, "created": _MADE})
        sheet = book.add_worksheet(KINDS[kind].label.zh[:31])
        codes = book.add_worksheet("代码表")
        guide = book.add_worksheet("填写说明")
        formats = {
            "text": book.add_format({"num_format": "@"}),
            "title": book.add_format({"bold": True, "num_format": "@"}),
            "required": book.add_format({"bold": True, "num_format": "@", "bg_color": "#FFF2CC"}),
            "example": book.add_format({"italic": True, "num_format": "@", "font_color": "#7F7F7F"}),
        }
        ranges = _write_codes(codes, columns, formats)
        _write_guide(guide, columns, formats)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, 20, formats["text"])
            sheet.write_string(0, at, title_of(column), formats["required" if column.required else "title"])
            sheet.write_string(1, at, _example(column), formats["example"])
            if column.path in ranges:
                sheet.data_validation(1, at, _ROWS, at, {"validate": "list", "source": ranges[column.path]})
        sheet.freeze_panes(1, 0)
    return file.getvalue()


def title_of(column: Column) -> str:
    """The official title of a column: the first of its names."""
    return column.headers[0]


def _example(column: Column) -> str:
    if column.path in _EXAMPLES:
        return _EXAMPLES[column.path]
    if column.choices:
        return next(iter(column.choices.values()))
    if not column.required and not column.path.startswith("/details/"):
        return ""
    return _BY_TYPE.get(column.type, "演示")


def _write_codes(sheet: Any, columns: tuple[Column, ...], formats: dict[str, Any]) -> dict[str, str]:
    """Each code list below the other; gives, of those of one choice, where their names stand."""
    ranges = {}
    for at, title in enumerate(("栏目", "填写值", "代码")):
        sheet.set_column(at, at, 30, formats["text"])
        sheet.write_string(0, at, title, formats["title"])
    row = 1
    for column in columns:
        if not columns_with_choices(column):
            continue
        first = row
        for code, name in column.choices.items():
            for at, text in enumerate((title_of(column), name, code)):
                sheet.write_string(row, at, text, formats["text"])
            row += 1
        if column.type is MemberType.CHOICE and row > first:
            ranges[column.path] = f"=代码表!$B${first + 1}:$B${row}"
    return ranges


def _write_guide(sheet: Any, columns: tuple[Column, ...], formats: dict[str, Any]) -> None:
    for at, title in enumerate(("栏目", "是否必填", "写法", "字段")):
        sheet.set_column(at, at, 30, formats["text"])
        sheet.write_string(0, at, title, formats["title"])
    for row, column in enumerate(columns, 1):
        texts = (title_of(column), "必填" if column.required else "", _manner(column), column.path)
        for at, text in enumerate(texts):
            sheet.write_string(row, at, text, formats["text"])


def _manner(column: Column) -> str:
    if column.type is MemberType.LIST:
        return "见代码表，多项以；分隔" if column.choices else "多项以；分隔"
    return "见代码表" if column.choices else EXPECTED[column.type].zh
