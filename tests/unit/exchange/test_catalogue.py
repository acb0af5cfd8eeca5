"""The catalogue's columns: complete, and each name for one field only."""

from collections import Counter

import pytest

from services.exchange.service.catalogue import columns_of, folded
from services.kernel.kinds import KINDS

REGISTER = {
    "企业名称": "/subject/name", "统一社会信用代码": "/subject/uscc", "注册日期": "/occurred_on",
    "企业类型": "/details/enterprise_type", "注册资金": "/details/registered_capital", "经营范围": "/details/business_scope",
    "所在省份": "/details/province", "地区": "/details/city", "注册地址": "/details/address",
}  # fmt: skip


def path_of(kind, header):
    return next(
        (column.path for column in columns_of(kind) if folded(header) in map(folded, column.headers)), None
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_name_stands_for_one_field(kind):
    counted = Counter(folded(name) for column in columns_of(kind) for name in column.headers)
    assert [name for name, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_name(kind):
    assert [column.path for column in columns_of(kind) if not column.headers] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_of_a_kind_is_a_column(kind):
    paths = {column.path for column in columns_of(kind)}
    assert {f"/details/{member.name}" for member in KINDS[kind].members} <= paths


@pytest.mark.parametrize(("header", "path"), REGISTER.items())
def test_the_register_needs_no_mapping(header, path):
    assert path_of("enterprise_registration", header) == path


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("USCC", "/subject/uscc"),
        ("名称", "/subject/name"),
        ("单位名称", "/subject/name"),
        ("报送编号", "/source_record_id"),
        ("记录编号", "/source_record_id"),
        ("行政区划代码", "/region"),
        ("处罚决定日期", "/occurred_on"),
        ("CF_WSH", "/document_number"),
    ],
)
def test_official_names_are_known(header, path):
    assert path_of("administrative_penalty", header) == path


def test_a_document_number_is_required_where_the_kind_says_so():
    column = next(column for column in columns_of("quality_award") if column.path == "/document_number")
    assert column.required
