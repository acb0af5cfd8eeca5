"""Client secrets have a form and a checksum, and are compared by keyed hash."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.domain.secret import ENTROPY_BYTES, compose, is_well_formed, keyed_hash, matches

entropy = st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES)


@given(entropy)
def test_a_secret_has_one_form(given_bytes):
    assert re.fullmatch(r"zxs_[0-9A-Za-z]{49}", compose(given_bytes))


@given(entropy)
def test_a_secret_is_well_formed(given_bytes):
    assert is_well_formed(compose(given_bytes))


@given(entropy, st.integers(4, 52), st.sampled_from("0aZ"))
def test_one_changed_character_is_noticed(given_bytes, place, character):
    made = compose(given_bytes)
    changed = made[:place] + character + made[place + 1 :]
    assert is_well_formed(changed) == (changed == made)


@given(entropy, entropy)
def test_different_randomness_makes_different_secrets(one, other):
    assert (compose(one) == compose(other)) == (one == other)


def test_a_secret_needs_all_its_randomness():
    with pytest.raises(ValueError, match="32 random bytes"):
        compose(b"short")


def test_a_secret_matches_its_own_hash():
    assert matches(keyed_hash(b"key", "zxs_one"), b"key", "zxs_one")


def test_another_secret_does_not_match():
    assert not matches(keyed_hash(b"key", "zxs_one"), b"key", "zxs_two")


def test_a_hash_under_another_key_does_not_match():
    assert not matches(keyed_hash(b"key", "zxs_one"), b"other", "zxs_one")
