"""A session ends by idleness, by age, or when somebody ends it; it is fresh for ten minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from services.kernel import opaque_tokens
from services.kernel.staff_sessions import FRESH, IDLE, LONGEST, SEEN_AGAIN_AFTER, SessionTimes

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def times(**changes):
    facts = {"authenticated_at": NOW, "seen_at": NOW, "expires_at": NOW + LONGEST, "ended_at": None}
    return SessionTimes(**(facts | changes))


@pytest.mark.parametrize(
    ("given", "at", "lives"),
    [
        (times(), NOW, True),
        (times(), NOW + IDLE - SECOND, True),
        (times(), NOW + IDLE, False),
        (times(seen_at=NOW + IDLE), NOW + IDLE + SECOND, True),
        (times(seen_at=NOW + LONGEST - SECOND), NOW + LONGEST, False),
        (times(ended_at=NOW), NOW, False),
    ],
)
def test_a_session_lives_until(given, at, lives):
    assert given.is_live(at) is lives


def test_a_session_is_fresh_for_ten_minutes_after_the_login_however_busy_it_is():
    busy = times(seen_at=NOW + FRESH)
    assert busy.is_fresh(NOW + FRESH - SECOND)
    assert not busy.is_fresh(NOW + FRESH)


def test_a_use_is_noted_once_a_minute():
    assert not times().must_note(NOW + SEEN_AGAIN_AFTER - SECOND)
    assert times().must_note(NOW + SEEN_AGAIN_AFTER)


def test_an_opaque_token_says_what_it_is_for_and_is_never_the_same():
    first, second = (opaque_tokens.make_token(opaque_tokens.SESSION) for _ in range(2))
    assert first.startswith("zxt_")
    assert len(first) == len("zxt_") + 43
    assert first != second
    assert opaque_tokens.digest_of(first) != opaque_tokens.digest_of(second)


def test_a_digest_can_be_made_of_any_text():
    assert len(opaque_tokens.digest_of("zxt_\ud800质")) == opaque_tokens.DIGEST_BYTES
