"""Sealed bytes open under their secret and purpose alone."""

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.sealing import Sealer, derive

SEALER = Sealer("a secret", "keys")


@given(st.binary(max_size=200))
def test_what_is_sealed_opens(clear):
    assert SEALER.open(SEALER.seal(clear)) == clear


def test_the_same_bytes_are_never_sealed_alike():
    assert SEALER.seal(b"clear") != SEALER.seal(b"clear")


@pytest.mark.parametrize("other", [Sealer("another secret", "keys"), Sealer("a secret", "cursors")])
def test_another_secret_or_purpose_opens_nothing(other):
    with pytest.raises(InvalidTag):
        other.open(SEALER.seal(b"clear"))


@pytest.mark.parametrize("place", [0, 12, -1])
def test_a_changed_byte_is_noticed(place):
    sealed = bytearray(SEALER.seal(b"clear"))
    sealed[place] ^= 1
    with pytest.raises(InvalidTag):
        SEALER.open(bytes(sealed))


def test_each_purpose_has_a_key_of_its_own():
    assert len({derive("a secret", purpose) for purpose in ("a", "b")} | {derive("b secret", "a")}) == 3
