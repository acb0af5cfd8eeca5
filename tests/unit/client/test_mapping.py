import pytest

from services.exchange.client.catalogue import Column, Entry
from services.exchange.client.failures import IncompleteMappingError
from services.exchange.client.mapping import choose_plan, header_key, make_plan
from services.exchange.client.records import record_maker
from services.exchange.client.table import Row

REGISTER = ["企业名称", "统一社会信用代码", "注册日期", "法人代表", "注册资金", "注册地址"]


def paths(plan) -> dict[str, str]:
    return {field.header: field.path for field in plan.fields}


@pytest.mark.parametrize(
    "written", ["罚款金额", " 罚款 金额 ", "罚款金额（万元）", "罚款金额(元)", "罚款金额[元]"]
)
def test_headers_are_compared_without_blanks_and_units(written: str):
    assert header_key(written) == "罚款金额"


def test_the_kind_is_the_one_that_the_headers_fit_best(catalogue: list[Entry]):
    assert choose_plan(REGISTER, catalogue, kind=None, overrides={}).kind == "enterprise_registration"


def test_a_register_needs_no_column_for_source_id_and_region(catalogue: list[Entry]):
    assert choose_plan(REGISTER, catalogue, kind=None, overrides={}).missing == []


@pytest.mark.parametrize("header", ["法人代表", "法定代表人", "法人代表 "])
def test_a_column_of_persons_is_dropped(catalogue: list[Entry], header: str):
    plan = choose_plan([*REGISTER[:3], header], catalogue, kind=None, overrides={})
    assert plan.dropped == [header]
    assert header not in paths(plan)


def test_unknown_headers_and_missing_fields_are_named(catalogue: list[Entry]):
    plan = choose_plan(
        ["企业名称", "注册日期", "备注"], catalogue, kind="enterprise_registration", overrides={}
    )
    assert plan.unmapped == ["备注"]
    assert plan.missing == ["/source_record_id", "/subject/uscc"]


def test_a_header_can_be_mapped_by_hand(catalogue: list[Entry]):
    plan = choose_plan(
        [*REGISTER, "备注"], catalogue, kind=None, overrides={"备注": "/details/business_scope"}
    )
    assert paths(plan)["备注"] == "/details/business_scope"


def test_a_mapping_by_hand_must_name_a_column_of_the_file(catalogue: list[Entry]):
    with pytest.raises(IncompleteMappingError, match="备注"):
        make_plan(REGISTER, catalogue[0], {"备注": "/details/business_scope"})


def test_of_two_columns_for_one_field_the_first_fills_it(catalogue: list[Entry]):
    plan = choose_plan([*REGISTER, "name"], catalogue, kind=None, overrides={})
    assert plan.unmapped == ["name"]


@pytest.mark.parametrize(
    ("header", "unit"), [("罚款金额（万元）", "万元"), ("CF_NR_FK", "万元"), ("罚款金额", None)]
)
def test_a_unit_comes_from_the_header_or_from_the_catalogues_name_for_it(
    catalogue, header: str, unit: str | None
):
    plan = make_plan(["行政相对人名称", header], catalogue[1], {})
    assert next(field.unit for field in plan.fields if field.type == "money") == unit


def test_the_day_of_registration_is_the_day_of_the_act_when_the_catalogue_says_no_more(
    catalogue: list[Entry],
):
    columns = [column for column in catalogue[0].columns if column.path != "/occurred_on"]
    plan = make_plan(REGISTER, Entry(kind="enterprise_registration", columns=columns), {})
    assert paths(plan)["注册日期"] == "/occurred_on"


def test_headers_that_fit_nothing_ask_for_a_kind(catalogue: list[Entry]):
    with pytest.raises(IncompleteMappingError, match="no header"):
        choose_plan(["甲", "乙"], catalogue, kind=None, overrides={})


def test_headers_that_fit_two_kinds_ask_for_one(catalogue: list[Entry]):
    twins = [catalogue[0], Entry(kind="twin", columns=catalogue[0].columns)]
    with pytest.raises(IncompleteMappingError, match="equally"):
        choose_plan(
            ["统一社会信用代码", "企业名称", "注册日期", "source_record_id"], twins, kind=None, overrides={}
        )


def test_a_list_takes_the_values_of_every_column_that_means_it():
    column = Column(path="/details/penalty_types", type="list", headers=["处罚类别1", "处罚类别2"])
    plan = make_plan(["处罚类别1", "处罚类别2"], Entry(kind="administrative_penalty", columns=[column]), {})
    record = record_maker(plan)(Row(2, ["罚款；警告", "警告；责令关闭"]))
    assert (plan.unmapped, record["details"]) == ([], {"penalty_types": ["罚款", "警告", "责令关闭"]})
