"""What a grade decision needs before it is made, and which one holds on a day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.grade_decision import (
    InForce,
    Proposal,
    in_force,
    is_adverse,
    is_low,
    may_be_public,
    refusal,
)
from services.credit.domain.rulebook import RuleBookError, parse_rulebook
from services.credit.rulebook import released_text

TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)


def test_low_is_what_is_worse_than_the_start(book):
    assert [is_low(book, letter) for letter in ("AA", "A", "B", "C")] == [False, False, True, True]


def test_a_low_letter_is_public_on_a_legal_basis_alone(book):
    assert [may_be_public(book, letter) for letter in ("A", "B")] == [True, False]
    assert may_be_public(replace(book, low_grades_basis="演示依据"), "C")


def test_the_basis_is_read_from_the_book_and_nothing_beside_it():
    text = released_text("2026-01").replace(
        "[[scale]]", '[publication]\nlow_grades_basis = "演示依据"\n\n[[scale]]', 1
    )
    assert parse_rulebook(text).low_grades_basis == "演示依据"
    with pytest.raises(RuleBookError, match="publication"):
        parse_rulebook(text.replace('low_grades_basis = "演示依据"', 'basis = "演示依据"'))


@pytest.mark.parametrize(
    ("proposal", "state", "due_on", "supported", "code"),
    [
        (Proposal("A", None, False), "proposed", None, "A", None),
        (Proposal("A", "AA", False), "proposed", None, "A", "notice_missing"),
        (Proposal("A", "AA", False), "notified", TODAY, "A", "response_pending"),
        (Proposal("A", "AA", False), "notified", YESTERDAY, "A", None),
        (Proposal("A", "AA", False), "responded", None, "A", None),
        (Proposal("C", "AA", True), "proposed", None, "C", None),
        (Proposal("B", None, False), "proposed", None, "B", "notice_missing"),
        (Proposal("B", None, False), "responded", None, "A", "grade_not_supported"),
        (Proposal("B", None, False), "responded", None, "unrated", "grade_not_supported"),
        (Proposal("A", "B", False), "proposed", None, "B", None),
    ],
)  # fmt: skip
def test_who_would_lose_is_heard_first(book, proposal, state, due_on, supported, code):
    found = refusal(book, proposal, state, due_on=due_on, today=TODAY, supported=supported)
    assert (found.code if found else None) == code


@given(st.sampled_from(["AA", "A", "B", "C"]), st.sampled_from(["AA", "A", "B", "C"]))
def test_only_worse_is_adverse(book, letter, before):
    assert is_adverse(book, Proposal(letter, before, False)) == (
        ["AA", "A", "B", "C"].index(letter) > ["AA", "A", "B", "C"].index(before)
    )


days = st.dates(date(2026, 1, 1), date(2026, 1, 20))


@given(st.lists(st.tuples(days, days, st.none() | days), max_size=5), days)
def test_the_latest_of_those_that_hold_is_in_force(spans, on):
    held = [InForce(str(number), *span, number) for number, span in enumerate(spans)]
    found = in_force(held, on)
    valid = [
        each
        for each in held
        if each.since <= on <= each.until and not (each.annulled_on and each.annulled_on <= on)
    ]
    assert (found is None) == (not valid)
    assert all(
        (each.since, each.number) <= (next(x for x in held if x.id == found).since, int(found))
        for each in valid
    )
