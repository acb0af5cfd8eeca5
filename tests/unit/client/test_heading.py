import io

import pytest

from services.exchange.client.body import table_records
from services.exchange.client.failures import IncompleteMappingError
from services.exchange.client.heading import find_tables
from services.exchange.client.table import heads, layout_of
from tests.sheets import workbook

HEADER = [
    "记录编号",
    "统一社会信用代码",
    "行政相对人名称",
    "行政处罚决定书文号",
    "处罚决定日期",
    "罚款金额",
    "处罚类别",
]
ROW = ["A-1", "91430102KXD000010", "长沙演示有限公司", "演罚〔2026〕1号", "2026.3.2", "1.5万元", "罚款"]


def tables(file, catalogue, fmt="xlsx", overrides=None):
    return find_tables(heads(file, layout_of(file, fmt)), catalogue, kind=None, overrides=overrides or {})


def places(file, catalogue, fmt="xlsx"):
    found = tables(file, catalogue, fmt)
    return [place for place, _ in table_records(file, layout_of(file, fmt), found)]


def test_titles_and_notes_above_the_header_are_passed_over(catalogue):
    file = workbook(
        (
            "处罚",
            [["长沙市2026年行政处罚信息汇总表"], ["填报单位：演示局", None, "单位：元"], [], HEADER, ROW],
        )
    )
    [table] = tables(file, catalogue)
    assert (table.sheet, table.header_row, table.plan.kind) == ("处罚", 4, "administrative_penalty")
    assert places(file, catalogue) == [("处罚", 5)]


def test_titles_above_the_header_of_a_csv_file_are_passed_over(catalogue):
    text = f"汇总表,,,,,,\n\n{','.join(HEADER)}\n{','.join(ROW)}\n"
    assert places(io.BytesIO(text.encode("gb18030")), catalogue, "csv") == [("", 4)]


def test_of_a_header_in_two_rows_the_lower_one_names_the_fields(catalogue):
    groups = [None, None, None, "决定", None, "结果", None]
    rows = [groups, [None, None, None, *HEADER[3:]], ROW]
    merged = [
        *(("处罚", 0, column, 1, column, HEADER[column]) for column in range(3)),
        ("处罚", 0, 3, 0, 4, "决定"),
        ("处罚", 0, 5, 0, 6, "结果"),
    ]
    file = workbook(("处罚", rows), merged=merged)
    [table] = tables(file, catalogue)
    assert (table.header_row, len(table.plan.fields), table.plan.missing) == (2, 7, [])


def test_every_sheet_with_such_a_header_is_read_and_no_other(catalogue):
    file = workbook(
        ("说明", [["填表说明"], ["1. 日期写作 YYYY-MM-DD"]]),
        ("一季度", [HEADER, ROW]),
        ("二季度", [["二季度"], [*HEADER[:5], HEADER[6], HEADER[5]], ROW]),
        ("代码表", [["处罚类别"], ["罚款"], ["警告"]]),
    )
    assert places(file, catalogue) == [("一季度", 2), ("二季度", 3)]


def test_the_header_said_again_and_the_example_of_a_template_are_no_records(catalogue):
    example = ["示例（请删除）", *ROW[1:]]
    file = workbook(("处罚", [HEADER, example, ROW, HEADER, ROW]))
    assert places(file, catalogue) == [("处罚", 3), ("处罚", 5)]


def test_annotations_of_a_copy_are_no_columns(catalogue):
    file = workbook(("处罚", [[*HEADER, "质信处理结果", "质信差错说明"], [*ROW, "拒收", "校验码不符"]]))
    [table] = tables(file, catalogue)
    assert table.plan.unmapped == []


def test_a_column_named_by_hand_must_be_in_some_sheet(catalogue):
    file = workbook(("处罚", [HEADER, ROW]))
    with pytest.raises(IncompleteMappingError, match="备注"):
        tables(file, catalogue, overrides={"备注": "/document_number"})


def test_a_unit_of_the_catalogues_name_holds_for_a_column_named_by_hand(catalogue):
    headers = [*HEADER[:5], "CF_NR_FK", HEADER[6]]
    [table] = tables(
        workbook(("处罚", [headers, ROW])), catalogue, overrides={"CF_NR_FK": "/details/fine_amount"}
    )
    assert [field.unit for field in table.plan.fields if field.type == "money"] == ["万元"]
