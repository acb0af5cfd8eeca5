"""The golden files: what a released book makes of a file on a day, to the last point, for ever."""

import json
from pathlib import Path

import pytest

from services.credit.domain.rulebook import parse_rulebook
from services.credit.rulebook import released_ids, released_text
from tests.unit.credit.golden_case import graded, outcome

CASES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "golden").glob("*.json"))
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_gets_the_grade_and_the_explanation_that_are_written_down(name):
    case = CASES[name]
    assert outcome(graded(case, parse_rulebook(released_text(case["rulebook"])))) == case["expected"]


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_the_records_does_not_matter(name):
    case = CASES[name] | {"records": CASES[name]["records"][::-1]}
    assert outcome(graded(case, parse_rulebook(released_text(case["rulebook"])))) == case["expected"]


def test_each_released_book_has_golden_cases():
    assert {case["rulebook"] for case in CASES.values()} == set(released_ids())
