"""Unified social credit codes: both check digits, the alphabet, the writings that are understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from services.kernel import uscc

SOUND = "91350100M000100Y43"
"""The worked example of the circular on GB 32100."""
WRONG_BY_ONE = [
    "91520000714307450M",
    "91430000616800612X",
    "91430100796852865Y",
    "91150000114124263W",
    "91350000611300758B",
]
prefixes = st.builds(
    lambda start, region: f"{start}{region:06d}", st.sampled_from(["91", "92", "93"]), st.integers(0, 999_999)
)
bodies = st.text(uscc.ALPHABET, min_size=8, max_size=8)
codes = st.builds(uscc.make, prefixes, bodies)


def test_the_example_of_the_standard_is_sound():
    assert uscc.faults(SOUND) == ()


@pytest.mark.parametrize("code", WRONG_BY_ONE)
def test_a_code_that_is_wrong_by_one_digit_is_refused(code):
    assert "uscc_check_digit" in uscc.faults(code)
    assert not uscc.is_valid(code)


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        (SOUND[:17], ("uscc_length",)),
        (SOUND + "3", ("uscc_length",)),
        ("", ("uscc_length",)),
        ("9135010OM000100Y43", ("uscc_character",)),
        ("91350100I000100Y43", ("uscc_character",)),
        ("9135A100M000100Y43", ("uscc_character",)),
        ("91３50100M000100Y43", ("uscc_character",)),
        ("91٣50100M000100Y43", ("uscc_character",)),
        ("91350100M000100Y4Z", ("uscc_character",)),
        ("91350100M000100Y44", ("uscc_check_digit",)),
        ("91350100M00010004" + uscc.check_digit("91350100M00010004"), ("uscc_organisation_digit",)),
    ],
)
def test_each_fault_has_its_code(code, faults):
    assert uscc.faults(code) == faults


@pytest.mark.parametrize("start", ["A1", "N2", "N9", "Y1", "11", "52", "G1"])
def test_letters_are_legal_in_the_first_places(start):
    assert uscc.faults(uscc.make(f"{start}430100", "KXD00001")) == ()


@given(codes)
def test_what_is_made_is_sound_and_python_stdnum_agrees(code):
    assert uscc.faults(code) == ()
    assert stdnum_uscc.calc_check_digit(code[:-1]) == code[-1]


@given(st.one_of(codes, st.text(uscc.ALPHABET + "IOSVZa９ ", min_size=16, max_size=19), st.text(max_size=20)))
def test_the_quick_test_says_what_the_full_one_says(text):
    assert uscc.is_valid(text) == (uscc.faults(text) == ())


@given(codes, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_no_change_of_one_character_passes(code, place, character):
    changed = code[:place] + character + code[place + 1 :]
    assert uscc.is_valid(changed) == (changed == code)


@given(codes)
def test_full_width_case_blanks_and_hyphens_do_not_matter(code):
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code.lower())
    for written in (code.lower(), f" {code[:8]}-{code[8:]}\u3000\n", wide):
        assert uscc.normalise(written) == code


@given(st.text("09azAZ０９ａｚＡＺ-－ \u3000\t", max_size=40))
def test_normalising_again_changes_nothing(text):
    once = uscc.normalise(text)
    assert uscc.normalise(once) == once


@pytest.mark.parametrize(
    ("prefix", "body"), [("9143010", "KXD00001"), ("91430100", "KXD0001"), ("91430100", "KXDOOO01")]
)
def test_nothing_is_made_from_other_parts(prefix, body):
    with pytest.raises(ValueError, match="8 \\+ 8"):
        uscc.make(prefix, body)


def test_region_and_organisation_code_are_read_from_the_code():
    assert (uscc.region_of(SOUND), uscc.organisation_code_of(SOUND)) == ("350100", "M000100Y4")
