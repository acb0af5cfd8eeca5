"""When a credential may be used, and what a token of it carries."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.exchange.domain.credential import (
    Granted,
    Refused,
    decide_scopes,
    end_of_token,
    nearing_end,
    status_of,
)

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SCOPES = st.frozensets(st.sampled_from(["batches:read", "batches:write", "changes:read", "grades:read"]))


def test_a_credential_without_an_end_is_usable():
    assert status_of(expires_at=None, revoked_at=None, now=NOW) == "active"


def test_a_credential_ends_at_its_instant():
    assert status_of(expires_at=NOW, revoked_at=None, now=NOW) == "expired"


def test_a_credential_is_usable_until_its_instant():
    assert status_of(expires_at=NOW + timedelta(microseconds=1), revoked_at=None, now=NOW) == "active"


def test_a_revocation_outweighs_the_end():
    assert status_of(expires_at=NOW, revoked_at=NOW, now=NOW) == "revoked"


def test_a_credential_waits_for_its_beginning():
    states = [
        status_of(expires_at=None, revoked_at=None, now=NOW, active_from=NOW + timedelta(seconds=ahead))
        for ahead in (1, 0)
    ]
    assert states == ["pending", "active"]


def test_a_replaced_credential_is_retiring_until_its_end():
    states = [
        status_of(expires_at=NOW + timedelta(seconds=left), revoked_at=None, now=NOW, successor="zxc_new")
        for left in (1, 0)
    ]
    assert states == ["retiring", "expired"]


def test_the_end_is_told_thirty_days_ahead():
    near, far = NOW + timedelta(days=30), NOW + timedelta(days=30, seconds=1)
    assert [nearing_end(end, NOW) for end in (near, far, None)] == [near, None, None]


@given(SCOPES, st.none() | SCOPES)
def test_without_a_wish_a_token_carries_all_of_its_credential(allowed, narrowed):
    own = allowed if narrowed is None else allowed & narrowed
    assert decide_scopes(None, allowed=allowed, narrowed_to=narrowed) == Granted(own)


@given(SCOPES, SCOPES, st.none() | SCOPES)
def test_a_token_never_carries_more_than_asked_allowed_and_narrowed(wanted, allowed, narrowed):
    decided = decide_scopes(wanted, allowed=allowed, narrowed_to=narrowed)
    carried = decided.scopes if isinstance(decided, Granted) else frozenset()
    assert carried <= wanted & allowed & (allowed if narrowed is None else narrowed)


@given(SCOPES, SCOPES)
def test_a_wish_is_granted_whole_or_not_at_all(wanted, allowed):
    decided = decide_scopes(wanted, allowed=allowed, narrowed_to=None)
    assert decided == (Granted(wanted) if wanted and wanted <= allowed else Refused(wanted - allowed))


def test_a_token_ends_with_what_it_rests_on():
    sooner = NOW + timedelta(seconds=10)
    assert end_of_token(NOW, lifetime=timedelta(minutes=5), ends=[None, sooner]) == sooner


def test_a_token_ends_after_its_lifetime():
    later = NOW + timedelta(days=10)
    assert end_of_token(NOW, lifetime=timedelta(minutes=5), ends=[later]) == NOW + timedelta(minutes=5)
