"""Workbooks for tests, written cell by cell."""

import io

import xlsxwriter


def workbook(*sheets, hidden=(), merged=()):
    """A workbook of sheets, each (name, rows); a row is a list of cells, None leaves one empty.

    `merged` are (sheet, first row, first column, last row, last column, text), counted from 0.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_date_format": "yyyy-mm-dd",
        },
    ) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, column, cell)
            for where, top, left, bottom, right, text in merged:
                if where == name:
                    sheet.merge_range(top, left, bottom, right, text)
    file.seek(0)
    return file
