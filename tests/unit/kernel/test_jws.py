"""A compact JWS has one spelling."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.jws import LONGEST, NotCompact, take_apart

SIGNATURE = base64.urlsafe_b64encode(bytes(range(64))).rstrip(b"=").decode()
OBJECTS = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@given(OBJECTS, OBJECTS)
def test_what_was_put_together_is_taken_apart(header, claims):
    assert take_apart(f"{part(header)}.{part(claims)}.{SIGNATURE}") == (header, claims)


@given(st.integers(0, 200), st.characters(max_codepoint=0x7F))
def test_a_change_of_any_character_gives_another_reading_or_none(at, put):
    token = f"{part({'alg': 'ES256'})}.{part({'sub': 'a', 'exp': 5})}.{SIGNATURE}"
    spoilt = token[:at] + put + token[at + 1 :]
    if spoilt == token:
        return
    try:
        parts = take_apart(spoilt)
    except NotCompact:
        return
    assert parts != take_apart(token) or spoilt.rsplit(".", 1)[1] != SIGNATURE


@given(st.text())
def test_any_other_text_is_refused_by_the_one_exception(text):
    with pytest.raises(NotCompact):
        take_apart(text)


def test_what_is_overlong_is_not_read():
    long = f"{part({'x': 'y' * LONGEST})}.{part({})}.{SIGNATURE}"
    with pytest.raises(NotCompact):
        take_apart(long)
