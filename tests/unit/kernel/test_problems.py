"""Problems: each has its text in both languages and its place in the published registry."""

import string

import pytest

from services.kernel.faults import FAULTS, fault
from services.kernel.problems import PROBLEMS, Problem
from tests.architecture.tree import ROOT, read

PUBLISHED = {
    read(ROOT / "docs" / "problems.md"): tuple(PROBLEMS),
    read(ROOT / "docs" / "glossary.md"): tuple(FAULTS),
}


def names_in(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_is_told_in_both_languages_with_the_same_values(code):
    entry = PROBLEMS[code]
    assert entry.title.zh != entry.title.en
    assert names_in(entry.cure.zh) == names_in(entry.cure.en)
    assert 400 <= entry.status < 600


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_told_in_both_languages_with_the_same_values(code):
    assert FAULTS[code].zh != FAULTS[code].en
    assert names_in(FAULTS[code].zh) == names_in(FAULTS[code].en)


def test_every_code_is_documented():
    missing = [code for document, codes in PUBLISHED.items() for code in codes if f"`{code}`" not in document]
    assert missing == []


def test_an_unknown_code_is_a_mistake_of_the_program():
    with pytest.raises(KeyError):
        Problem("no_such_problem")
    with pytest.raises(KeyError):
        fault("no_such_fault", "/x", "zh")


def test_every_401_says_how_to_authenticate():
    told = Problem("token_expired").headers["WWW-Authenticate"]
    assert told == 'Bearer realm="zhixin", error="invalid_token", error_description="token_expired"'


def test_a_401_without_a_token_names_no_error():
    assert Problem("token_missing").headers["WWW-Authenticate"] == 'Bearer realm="zhixin"'
