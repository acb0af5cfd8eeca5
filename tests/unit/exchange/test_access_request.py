"""Where a request for access stands, and who may answer it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.domain.access_request import Forbidden, judge_answer, status_of

DUE = date(2026, 12, 7)
AFTER = DUE + timedelta(days=1)


def judged(decision="approved", reason="", *, office="provider", status="pending", until=date.max):
    found = judge_answer(
        decision, reason, office=office, status=status, valid_until=until, today=date(2026, 11, 23)
    )
    return found.reason if isinstance(found, Forbidden) else None


def test_it_is_escalated_once_its_days_are_over_by_that_alone():
    assert [status_of(None, due_on=DUE, today=day) for day in (DUE, AFTER)] == ["pending", "escalated"]


@given(st.sampled_from(["approved", "refused"]), st.dates())
def test_an_answer_stands_whatever_the_day(decision, day):
    assert status_of(decision, due_on=DUE, today=day) == decision


@pytest.mark.parametrize(
    ("office", "status", "forbidden"),
    [
        ("provider", "pending", None),
        ("provider", "escalated", None),
        ("coordinator", "pending", "not_escalated"),
        ("coordinator", "escalated", None),
        ("other", "pending", "not_yours"),
        ("other", "escalated", "not_yours"),
        ("provider", "approved", "decided"),
        ("coordinator", "refused", "decided"),
    ],
)
def test_the_provider_answers_and_the_coordinator_once_it_is_escalated(office, status, forbidden):
    assert judged(office=office, status=status) == forbidden


def test_a_refusal_states_its_reasons():
    assert [judged("refused", reason) for reason in ("", "  ", "超出法定职责")] == ["reason_missing"] * 2 + [
        None
    ]


def test_no_grant_is_given_for_a_term_that_is_over():
    assert judged(until=date(2026, 11, 22)) == "term_over"
    assert judged(until=date(2026, 11, 23)) is None
