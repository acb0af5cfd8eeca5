"""The language of a caller."""

import pytest

from services.kernel.texts import Text, choose


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.2, zh-Hant;q=0.1", "en"),
        ("zh;q=0.1, en;q=0.2", "en"),
        ("en;q=0, zh;q=0", "zh"),
        ("fr, de;q=0.5", "zh"),
        ("fr, en;q=0.1", "en"),
        ("EN", "en"),
        ("en;q=nonsense", "zh"),
        ("en ; q=0.8, zh;q=0.5", "en"),
        ("english", "zh"),
        (";;;,,,", "zh"),
    ],
)
def test_the_best_of_the_two_languages_is_chosen(header, language):
    assert choose(header) == language


def test_values_are_filled_in():
    assert Text("第{number}号", "No. {number}").to("en", number=7) == "No. 7"


def test_braces_stay_when_nothing_is_filled_in():
    assert Text("{a}", "{a}").to("zh") == "{a}"
