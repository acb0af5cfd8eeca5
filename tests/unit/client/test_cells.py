import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.client.cells import (
    is_nothing,
    money_reader,
    read_boolean,
    read_code,
    read_date,
    read_integer,
    reader,
    tidy,
)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02",
        "2026/3/2",
        "2026.3.2",
        "20260302",
        "2026年3月2日",
        "２０２６－０３－０２",
        "2026-03-02 00:00:00",
        "2026/3/2 0:00",
        "2026年3月2号",
        "２０２６年３月２日",
        "二〇二六年三月二日",
        "二○二六年三月二日",
        "二零二六年三月二日",
        " 2026. 3. 2 ",
        "46083",
        "46083.0",
    ],
)
def test_dates_are_read_as_people_write_them(written: str):
    assert read_date(written) == "2026-03-02"


@pytest.mark.parametrize(
    "written", ["2026-02-30", "2026-13-40", "914300007347603249", "2026-3/2", "三月", "2026-03-02 08:30"]
)
def test_what_is_no_date_is_left_for_the_platform_to_name(written: str):
    assert read_date(written) == written


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("二〇二五年十二月三十一日", "2025-12-31"),
        ("二〇二五年十月十日", "2025-10-10"),
        ("二〇二五年十一月二十日", "2025-11-20"),
        ("二〇二五年一月廿一日", "2025-01-21"),
        ("二〇二五年二月三十日", "二〇二五年二月三十日"),
        ("二〇二五年二三月一日", "二〇二五年二三月一日"),
    ],
)
def test_days_in_chinese_numerals(written: str, day: str):
    assert read_date(written) == day


@given(st.dates(datetime.date(1954, 11, 1), datetime.date(2119, 1, 1)))
def test_the_number_of_a_day_in_a_sheet_is_that_day(day: datetime.date):
    assert read_date(str((day - datetime.date(1899, 12, 30)).days)) == day.isoformat()


@pytest.mark.parametrize("written", ["1234", "19999", "80000", "460830", "46083.5"])
def test_other_numbers_are_no_days(written: str):
    assert read_date(written) == written


@given(st.dates(min_value=datetime.date(1000, 1, 1)))
def test_every_way_of_writing_a_day_gives_that_day(day: datetime.date):
    ways = [
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
    ]
    assert {read_date(way) for way in ways} == {day.isoformat()}


@pytest.mark.parametrize(
    ("unit", "written", "yuan"),
    [
        (None, "5,000.00", "5000"),
        (None, "￥12.50元", "12.5"),
        ("万元", "0.500000", "5000"),
        ("万元", "12.345678", "123456.78"),
        (None, "3万元", "30000"),
        (None, "1.5万元", "15000"),
        (None, "1.5万", "15000"),
        (None, "1,234.50元", "1234.5"),
        (None, "１，２３４．５０元", "1234.5"),
        (None, "人民币5万元整", "50000"),
        (None, "2千元", "2000"),
        (None, "1.2亿元", "120000000"),
        ("万元", "5000元", "5000"),
        ("元", "100", "100"),
        ("万美元", "5", "5"),
        (None, "50(万)", "50(万)"),
        (None, "1,00", "1,00"),
    ],
)
def test_money_becomes_yuan_exactly_or_stays(unit: str | None, written: str, yuan: str):
    assert money_reader(unit)(written) == yuan


@pytest.mark.parametrize("written", ["", "N/A", "n/a", "/", "／", "暂无", "—", "——", "--"])
def test_what_stands_for_nothing(written: str):
    assert is_nothing(written)


@pytest.mark.parametrize("written", ["无", "0", "暂无评级", "-"])
def test_what_does_not_stand_for_nothing(written: str):
    assert not is_nothing(written)


def test_a_choice_is_read_by_its_chinese_name_or_its_code():
    read = reader("choice", unit=None, values=["pass", "fail"], labels={"pass": "合格", "fail": "不合格"})
    assert [read("合格"), read("FAIL"), read("良好")] == ["pass", "fail", "良好"]


def test_a_list_is_split_and_each_item_read():
    read = reader("list", unit=None, values=["fine", "warning"], labels={"fine": "罚款", "warning": "警告"})
    assert read("罚款；警告、吊销") == ["fine", "warning", "吊销"]


def test_codes_in_a_list_may_stand_between_commas_but_texts_may_hold_them():
    codes = reader("list", unit=None, values=["罚款", "警告"], labels=None)
    texts = reader("list", unit=None, values=None, labels=None)
    assert (codes("罚款，警告"), texts("铅,镉\n铬")) == (["罚款", "警告"], ["铅,镉", "铬"])


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("'0123", "0123"),
        ("‘91430100", "91430100"),
        ("'=1+1", "=1+1"),
        ("''=1", "'=1"),
        ("'t Zand", "'t Zand"),
        ("\ufeff甲\u200b ", "甲"),
        ("\u3000甲\xa0", "甲"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ],
)
def test_what_sheets_put_around_a_text_goes(written: str, kept: str):
    assert tidy(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"), [("430100.0", "430100"), ("430100", "430100"), ("4.301E+05", "4.301E+05")]
)
def test_a_code_that_became_a_number_is_a_code_again(written: str, kept: str):
    assert read_code(written) == kept


def test_a_choice_may_be_written_as_the_catalogue_says():
    read = reader(
        "choice", unit=None, values=["ordinary"], labels={"ordinary": "普通"}, synonyms={"01": "ordinary"}
    )
    assert [read("01"), read("０１"), read("02")] == ["ordinary", "ordinary", "02"]


def test_a_value_with_a_comma_in_its_name_stays_whole():
    read = reader("list", unit=None, values=["罚款", "吊销许可证、执照"], labels=None)
    assert read("罚款、吊销许可证、执照；执照、罚款") == ["罚款", "吊销许可证、执照", "执照", "罚款"]


def test_whole_numbers_and_truth():
    assert [
        read_integer("1,200"),
        read_integer("1.5"),
        read_integer("12.0"),
        read_boolean("是"),
        read_boolean("也许"),
    ] == [
        1200,
        "1.5",
        12,
        True,
        "也许",
    ]
