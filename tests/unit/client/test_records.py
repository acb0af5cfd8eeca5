from services.exchange.client.mapping import make_plan
from services.exchange.client.records import record_maker
from services.exchange.client.workbook import Row
from services.kernel import uscc

CODE = uscc.make("91430102", "KXD00001")
HEADER = ["企业名称", "统一社会信用代码", "注册日期", "注册资金"]


def record(catalogue, cells: list[str], header: list[str] = HEADER, entry: int = 0) -> dict:
    return record_maker(make_plan(header, catalogue[entry], {}))(Row(2, cells))


def test_a_row_of_the_register(catalogue):
    assert record(catalogue, ["演示有限公司", CODE, "2001/3/4", "50(万元人民币)"]) == {
        "source_record_id": CODE,
        "kind": "enterprise_registration",
        "region": "430102",
        "subject": {"name": "演示有限公司", "uscc": CODE},
        "occurred_on": "2001-03-04",
        "details": {"registered_capital": "50(万元人民币)"},
    }


def test_what_stands_for_nothing_is_left_out(catalogue):
    assert "details" not in record(catalogue, ["演示有限公司", CODE, "2001-03-04", "N/A"])


def test_one_firm_is_one_source_record_however_its_code_is_written(catalogue):
    written = f" {CODE[:8].lower()} {CODE[8:].lower()}"
    assert record(catalogue, ["演示有限公司", written, "2001-03-04", ""])["source_record_id"] == CODE


def test_private_use_characters_of_names_are_kept(catalogue):
    assert (
        record(catalogue, ["演示\ue000有限公司", CODE, "2001-03-04", ""])["subject"]["name"]
        == "演示\ue000有限公司"
    )


def test_surplus_cells_are_named_by_their_column(catalogue):
    assert (
        record(catalogue, ["演示有限公司", CODE, "2001-03-04", "1", "000(万元)"])["column_5"] == "000(万元)"
    )


def test_empty_surplus_cells_say_nothing(catalogue):
    assert "column_5" not in record(catalogue, ["演示有限公司", CODE, "2001-03-04", "1", "", " "])


def test_a_short_row_is_sent_with_what_it_has(catalogue):
    assert record(catalogue, ["演示有限公司", CODE]) == {
        "source_record_id": CODE,
        "kind": "enterprise_registration",
        "region": "430102",
        "subject": {"name": "演示有限公司", "uscc": CODE},
    }


def test_where_a_persons_name_may_stand_anywhere_only_the_identity_is_sent(catalogue):
    header = ["企业名称", "统一社会信用代码", "注册日期", "法人代表", "注册资金", "经营范围"]
    shifted = record(
        catalogue, ["演示有限公司", CODE, "2001-03-04", "1", "000(万元)", "张演示", "五金"], header
    )
    assert "张演示" not in str(shifted)
    assert shifted["column_7"] == "withheld"


def test_a_row_whose_code_is_none_keeps_persons_back_too(catalogue):
    header = ["企业名称", "统一社会信用代码", "注册日期", "法人代表", "经营范围"]
    shifted = record(catalogue, ["演示有限公司", "长沙市演示路1号", CODE, "2001-03-04", "张演示"], header)
    assert shifted == {
        "source_record_id": "长沙市演示路1号",
        "kind": "enterprise_registration",
        "subject": {"name": "演示有限公司", "uscc": "长沙市演示路1号"},
        "occurred_on": CODE,
    }


def test_a_region_column_of_codes_goes_before_the_firms_code(catalogue):
    header = [*HEADER[:3], "行政区划代码"]
    assert record(catalogue, ["演示有限公司", CODE, "2001-03-04", "430600"], header)["region"] == "430600"


def test_a_region_column_of_names_gives_way_to_the_firms_code(catalogue):
    header = [*HEADER[:3], "行政区划代码"]
    assert record(catalogue, ["演示有限公司", CODE, "2001-03-04", "长沙"], header)["region"] == "430102"


def test_other_kinds_are_not_given_an_id_by_their_code(catalogue):
    made = record(catalogue, ["演示有限公司", CODE], ["行政相对人名称", "统一社会信用代码"], entry=1)
    assert "source_record_id" not in made


def test_a_pointer_into_a_list_makes_the_list(catalogue):
    made = record(catalogue, ["演示有限公司", "演示制造厂"], ["行政相对人名称", "生产者名称"], entry=1)
    assert made["parties"] == [{"subject": {"name": "演示制造厂"}}]
