"""Regions: codes in force, codes withdrawn, and what lies within what."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import regions

ROOT = Path(__file__).resolve().parents[3]
REGISTER = ROOT.parent / "shared" / "data" / "hunan_register.csv"

CODES = st.sampled_from(sorted(regions._table()))

HUNAN_PREFECTURES = (
    *("430100", "430200", "430300", "430400", "430500", "430600", "430700"),
    *("430800", "430900", "431000", "431100", "431200", "431300", "433100"),
)


@pytest.mark.parametrize(
    "code", ["100000", "430000", "430100", "430102", "110101", "659001", "430122", "430413"]
)
def test_known(code: str) -> None:
    assert regions.known(code)


@pytest.mark.parametrize("code", ["", "43", "430199", "990000", "４３０１０２", "430102 "])
def test_unknown(code: str) -> None:
    assert not regions.known(code)
    assert regions.name_of(code) is None
    assert not regions.within(code, "430000")


@pytest.mark.parametrize(
    ("code", "full", "short"),
    [
        ("430102", "湖南省长沙市芙蓉区", "芙蓉区"),
        ("430000", "湖南省", "湖南省"),
        ("433101", "湖南省湘西土家族苗族自治州吉首市", "吉首市"),
        ("110101", "北京市东城区", "东城区"),
        ("430122", "湖南省长沙市望城县", "望城县"),
        ("431173", "湖南省永州市回龙圩管理区", "回龙圩管理区"),
    ],
)
def test_names(code: str, full: str, short: str) -> None:
    assert (regions.name_of(code), regions.short_name_of(code)) == (full, short)


@pytest.mark.parametrize(
    ("retired", "today"),
    [
        ("430122", "430112"),
        ("430124", "430182"),
        ("430221", "430212"),
        ("430521", "430582"),
        ("431121", "431181"),
    ],
)
def test_a_retired_county_of_hunan_has_its_successor(retired: str, today: str) -> None:
    assert regions.successor_of(retired) == today
    assert regions.within(retired, today)
    assert regions.within(today, retired)


@pytest.mark.parametrize(
    ("code", "root", "inside"),
    [
        ("430102", "430000", True),
        ("430102", "430100", True),
        ("430102", "430102", True),
        ("430102", "100000", True),
        ("430102", "430103", False),
        ("430100", "430102", False),
        ("440103", "430000", False),
        ("433101", "430000", True),
        ("433101", "430100", False),
        ("432930", "431100", True),  # 祁阳县 of the former prefecture 零陵 is in 永州 today
        (
            "431102",
            "432901",
            False,
        ),  # the county-level city 永州 became a prefecture: its agency does not grow
        ("442129", "460000", True),  # 儋县 left 广东 for 海南 in 1988
    ],
)
def test_within(code: str, root: str, inside: bool) -> None:
    assert regions.within(code, root) is inside


def test_the_fourteen_prefectures_of_hunan() -> None:
    assert regions.children_of("430000") == HUNAN_PREFECTURES


def test_a_county_directly_under_its_province_has_no_prefecture() -> None:
    assert regions.prefecture_of("419001") is None
    assert regions.province_of("419001") == "410000"


def test_a_retired_code_belongs_to_the_prefecture_of_today() -> None:
    assert regions.prefecture_of("432930") == "431100"


@given(CODES)
def test_every_region_lies_within_its_province_and_prefecture(code: str) -> None:
    roots = [root for root in (code, regions.province_of(code), regions.prefecture_of(code)) if root]
    assert all(regions.within(code, root) for root in roots)


@given(CODES)
def test_every_chain_of_parents_ends_at_the_nation(code: str) -> None:
    steps = 0
    while (parent := regions.parent_of(code)) is not None:
        code, steps = parent, steps + 1
    assert code == regions.NATION
    assert steps <= 3


@given(CODES)
def test_only_a_retired_code_has_a_successor_and_that_one_is_in_force(code: str) -> None:
    region = regions.region_of(code)
    assert region is not None
    if region.successor is not None:
        heir = regions.region_of(region.successor)
        assert region.status == "retired"
        assert heir is not None
        assert heir.status == "current"


def test_nothing_is_read_at_import() -> None:
    program = "from services.kernel import regions; print(regions._table.cache_info().currsize)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "0"


@pytest.mark.skipif(not REGISTER.exists(), reason="the register of Hunan does not lie beside this project")
def test_every_code_of_the_register_of_hunan_is_known() -> None:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        found = {row["统一社会信用代码"][2:8] for row in csv.DictReader(file)}
    assert {code for code in found if not regions.known(code)} == set()
