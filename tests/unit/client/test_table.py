import datetime
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.client.encoding import detect
from services.exchange.client.failures import UnreadableFileError
from services.exchange.client.table import heads, layout_of, read_rows
from tests.sheets import workbook


def rows(content: bytes) -> list[tuple[int, list[str]]]:
    file = io.BytesIO(content)
    return [(row.number, row.cells) for _, row in read_rows(file, layout_of(file, "csv"), {"": 0})]


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


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig", "gb18030"])
def test_every_encoding_that_offices_save_is_read(encoding: str):
    content = "企业名称,号\r\n长沙演示有限公司,1\r\n".encode(encoding)
    assert rows(content) == [(1, ["企业名称", "号"]), (2, ["长沙演示有限公司", "1"])]


def test_a_quoted_cell_may_span_lines_and_the_next_row_keeps_its_number():
    assert rows(b'a,b\n"1\n2",x\n3,y\n') == [(1, ["a", "b"]), (2, ["1\n2", "x"]), (4, ["3", "y"])]


def test_a_quote_that_is_never_closed_swallows_no_other_row():
    assert rows(b'a,b\n"1,x\n2,y\n3,z\n')[1:] == [(2, ['"1', "x"]), (3, ["2", "y"]), (4, ["3", "z"])]


def test_a_stray_quote_closed_by_another_row_swallows_no_row_between():
    assert [number for number, _ in rows(b'a,b\n"1,x\n2,y\n"3",z\n4,w\n')] == [1, 2, 3, 4, 5]


def test_a_carriage_return_inside_a_row_does_not_end_the_file():
    assert rows(b"a,b\r\n1\r2,x\r\n3,y\r\n")[1:] == [(2, ["1\r2", "x"]), (3, ["3", "y"])]


def sheet_rows(file, sheet: str) -> list[tuple[int, list[str]]]:
    return [(row.number, row.cells) for _, row in read_rows(file, layout_of(file, "xlsx"), {sheet: 0})]


def test_a_workbooks_sheet_is_a_table_and_whole_numbers_have_no_point():
    file = workbook(("甲", [["企业名称", "注册资金"], ["演示有限公司", 500], ["演示二有限公司", 1.5]]))
    assert sheet_rows(file, "甲") == [
        (1, ["企业名称", "注册资金"]),
        (2, ["演示有限公司", "500"]),
        (3, ["演示二有限公司", "1.5"]),
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (datetime.date(2026, 3, 2), "2026-03-02"),
        (0.1 + 0.2, "0.3"),
        (1234567.89, "1234567.89"),
        (430100, "430100"),
        (1e-7, "0.0000001"),
        (True, "true"),
        ("=1+1", "=1+1"),
        ("@SUM(A1)", "@SUM(A1)"),
    ],
)
def test_a_cell_is_read_as_a_person_sees_it(cell: object, text: str):
    assert sheet_rows(workbook(("甲", [[cell]])), "甲") == [(1, [text])]


def test_digits_that_a_sheet_has_lost_are_marked_and_not_made_up():
    assert sheet_rows(workbook(("甲", [[914301007968528651]])), "甲") == [(1, ["914301007968528���"])]


def test_rows_and_columns_keep_their_numbers_when_a_sheet_begins_late():
    file = workbook(("甲", [[], [None, None, "b"], [], [None, None, "c"]]))
    assert sheet_rows(file, "甲") == [(2, ["", "", "b"]), (4, ["", "", "c"])]


def test_a_cell_merged_downwards_is_said_in_each_row_and_one_merged_sideways_once():
    file = workbook(
        ("甲", [[], [None, "x"], [None, "y"], [None, "z"]]),
        merged=[("甲", 0, 0, 0, 1, "标题"), ("甲", 1, 0, 2, 0, "某")],
    )
    assert [cells for _, cells in sheet_rows(file, "甲")] == [
        ["标题", ""],
        ["某", "x"],
        ["某", "y"],
        ["", "z"],
    ]


def test_hidden_sheets_are_not_read():
    file = workbook(("甲", [["企业名称"]]), ("乙", [["企业名称"]]), hidden={"乙"})
    assert [head.sheet for head in heads(file, layout_of(file, "xlsx"))] == ["甲"]


def test_what_is_no_workbook_is_said_to_be_none():
    file = io.BytesIO(b"PK no workbook")
    with pytest.raises(UnreadableFileError, match="workbook"):
        heads(file, layout_of(file, "xlsx"))


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
