"""How long a client waits after failed proofs."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.exchange.domain.attempts import (
    FORGOTTEN_AFTER,
    FREE,
    LONGEST_WAIT,
    Attempts,
    after_failure,
    wait_after,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def failed(times):
    known = None
    for _ in range(times):
        known = after_failure(known, NOW)
    return known


def test_the_first_failures_are_free():
    assert [wait_after(failed(times), NOW) for times in range(FREE)] == [timedelta(0)] * FREE


def test_then_each_doubles_the_wait_up_to_the_longest():
    waits = [wait_after(failed(times), NOW).total_seconds() for times in range(FREE, FREE + 12)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


@given(st.integers(1, 10_000), st.integers(0, 4_000))
def test_a_wait_ends_by_itself_and_is_never_longer_than_the_longest(times, seconds):
    known, later = Attempts(times, NOW), NOW + timedelta(seconds=seconds)
    assert timedelta(0) <= wait_after(known, later) <= LONGEST_WAIT
    assert wait_after(known, NOW + LONGEST_WAIT) == timedelta(0)


def test_old_failures_are_forgotten():
    known = Attempts(50, NOW)
    assert after_failure(known, NOW + FORGOTTEN_AFTER).failures == 1
    assert after_failure(known, NOW + FORGOTTEN_AFTER - timedelta(seconds=1)).failures == 51
