import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.client.encoding import detect
from services.exchange.client.failures import UnreadableFileError
from services.exchange.client.table import layout_of, read_rows


def rows(content: bytes) -> list[tuple[int, list[str]]]:
    file = io.BytesIO(content)
    return [(row.number, row.cells) for row in read_rows(file, layout_of(file, "csv"))]


def test_a_utf8_mark_is_no_part_of_the_first_header():
    assert rows(b"\xef\xbb\xbf" + "名称,代码\n甲,1\n".encode())[0] == (1, ["名称", "代码"])


def test_a_file_that_is_no_utf8_is_read_as_gb18030():
    assert rows("企业名称,经营范围\n长沙演示有限公司,五金\n".encode("gb18030"))[1] == (
        2,
        ["长沙演示有限公司", "五金"],
    )


def test_one_damaged_line_of_utf8_costs_only_itself():
    good = "".join(f"演示第{n}有限公司,{n}\n" for n in range(20)).encode()
    damaged = good + "演示".encode()[:-1] + b",21\n" + "演示末有限公司,22\n".encode()

    read = rows("名称,号\n".encode() + damaged)

    assert len(read) == 23
    assert "�" in read[21][1][0]
    assert read[22] == (23, ["演示末有限公司", "22"])


def test_one_damaged_line_of_gb18030_costs_only_itself():
    lines = [f"演示第{n}有限公司,{n}\n".encode("gb18030") for n in range(20)]
    lines[7] = b"\xff\xff" + lines[7]

    read = rows("企业名称,号码\n".encode("gb18030") + b"".join(lines))

    assert [number for number, cells in read if "�" in cells[0]] == [9]
    assert read[9][1] == ["演示第8有限公司", "8"]


def test_a_utf8_file_with_a_damaged_line_is_not_taken_for_gb18030():
    content = "".join(f"演示{n},号\n" for n in range(9)).encode() + b"\xe6\xbc,x\n"
    assert detect(io.BytesIO(content)).name == "utf-8"


def test_utf16_is_refused_with_a_cure():
    with pytest.raises(UnreadableFileError, match="UTF-16"):
        rows("名称,号\n".encode("utf-16"))


def test_a_quoted_cell_may_span_lines_and_the_next_row_keeps_its_number():
    assert rows(b'a,b\n"1\n2",x\n3,y\n') == [(1, ["a", "b"]), (2, ["1\n2", "x"]), (4, ["3", "y"])]


def test_a_quote_that_is_never_closed_swallows_no_other_row():
    assert rows(b'a,b\n"1,x\n2,y\n3,z\n')[1:] == [(2, ['"1', "x"]), (3, ["2", "y"]), (4, ["3", "z"])]


def test_a_stray_quote_closed_by_another_row_swallows_no_row_between():
    assert [number for number, _ in rows(b'a,b\n"1,x\n2,y\n"3",z\n4,w\n')] == [1, 2, 3, 4, 5]


def test_a_carriage_return_inside_a_row_does_not_end_the_file():
    assert rows(b"a,b\r\n1\r2,x\r\n3,y\r\n")[1:] == [(2, ["1\r2", "x"]), (3, ["3", "y"])]


def workbook(*rows: tuple[object, ...]) -> io.BytesIO:
    """The least that a spreadsheet program would open."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            f"<c><v>{cell}</v></c>"
            if isinstance(cell, int | float)
            else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            for cell in row
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{links}"><Relationship Id="r" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{links}"><Relationship Id="r1" Type="{office}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
        )
    return file


def test_a_workbooks_first_sheet_is_a_table_and_whole_numbers_have_no_point():
    file = workbook(("企业名称", "注册资金"), ("演示有限公司", 500), ("演示二有限公司", 1.5))
    read = [(row.number, row.cells) for row in read_rows(file, layout_of(file, "xlsx"))]
    assert read == [
        (1, ["企业名称", "注册资金"]),
        (2, ["演示有限公司", "500"]),
        (3, ["演示二有限公司", "1.5"]),
    ]


def test_what_is_no_workbook_is_said_to_be_none():
    file = io.BytesIO(b"PK no workbook")
    with pytest.raises(UnreadableFileError, match="workbook"):
        list(read_rows(file, layout_of(file, "xlsx")))


def test_rows_of_nothing_are_not_rows():
    assert [number for number, _ in rows(b"a,b\n\n , \n,\n1,2\n")] == [1, 5]


def test_tabs_are_taken_when_the_header_uses_them():
    assert rows(b"a\tb\n1,5\t2\n")[1] == (2, ["1,5", "2"])


@given(
    st.lists(
        st.text(st.characters(codec="gb18030", categories=["Lo", "Nd"]), min_size=1), min_size=1, max_size=30
    )
)
def test_no_row_is_lost_in_any_encoding(names: list[str]):
    text = "名称,号\n" + "".join(f"{name},{number}\n" for number, name in enumerate(names))
    for encoding in ("utf-8", "utf-8-sig"):
        assert [cells[0] for _, cells in rows(text.encode(encoding))[1:]] == names
    assert len(rows(text.encode("gb18030"))) == len(names) + 1


@given(st.lists(st.binary(max_size=12).filter(lambda cell: b"\n" not in cell), max_size=30))
def test_whatever_bytes_come_no_line_is_lost(cells: list[bytes]):
    content = b"h,k\n" + b"".join(b"<%d>,%s\n" % (number, cell) for number, cell in enumerate(cells))
    text = "".join(cell for _, row in rows(content) for cell in row)
    assert all(f"<{number}>" in text for number in range(len(cells)))
