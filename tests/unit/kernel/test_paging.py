"""Cursors: they carry what was put in, for their own caller and filters, and nothing that was made up."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.paging import decode, encode
from services.kernel.problems import Problem

KEY = b"k" * 32
values = st.lists(st.one_of(st.none(), st.integers(-(2**53), 2**53), st.text(max_size=20)), max_size=5)


def refused(cursor, binding="a", key=KEY):
    with pytest.raises(Problem) as caught:
        decode(key, cursor, binding=binding)
    return caught.value.code


@given(values)
def test_a_cursor_carries_its_values(carried):
    assert decode(KEY, encode(KEY, carried, binding="a"), binding="a") == carried


def test_a_cursor_for_another_binding_is_refused():
    assert refused(encode(KEY, [1], binding="b")) == "cursor_invalid"


def test_a_cursor_under_another_key_is_refused():
    assert refused(encode(b"x" * 32, [1], binding="a")) == "cursor_invalid"


@given(st.text(max_size=60))
def test_what_is_made_up_is_refused(cursor):
    assert refused(cursor) == "cursor_invalid"


def test_a_changed_value_is_refused():
    cursor = encode(KEY, [120], binding="a")
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[1] += 1
    assert refused(base64.urlsafe_b64encode(raw).rstrip(b"=").decode()) == "cursor_invalid"


def test_a_value_cannot_pass_for_a_part_of_the_binding():
    cursor = encode(KEY, [1], binding="a\0b")
    assert refused(cursor, binding="a") == "cursor_invalid"
