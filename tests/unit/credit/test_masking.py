"""Masks: what is shown of a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.masking import HIDDEN, masked


@pytest.mark.parametrize(
    ("text", "how", "shown"),
    [
        ("张三", "name", "张*"),
        ("张三丰", "name", "张**"),
        ("买买提·艾山江", "name", "买***"),
        ("张", "name", "***"),
        ("430102198001011234", "number", "4301**********1234"),
        ("430102800101123", "number", "4301*******1123"),
        ("13800005678", "number", "138****5678"),
        ("E12345678", "number", "E1*******"),
        ("1234", "number", "***"),
        ("长沙市演示路1号", "whole", "***"),
        ("", "name", "***"),
    ],
)
def test_a_mask(text, how, shown):
    assert masked(text, how) == shown


@given(st.text(min_size=1), st.sampled_from(["name", "number", "whole"]))
def test_a_mask_shows_less_than_half_of_a_short_text_and_eight_characters_at_most(text, how):
    kept = [
        place for place, (a, b) in enumerate(zip(masked(text, how), text, strict=False)) if a == b != HIDDEN
    ]
    assert len(kept) <= min(8, max(1, len(text) * 7 // 11))
