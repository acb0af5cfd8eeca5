"""What a client assertion must say."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.domain.assertion import Sound, Unsound, is_plain_header, judge

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://zhixin.test"
GOOD = {"iss": "zxc_1", "sub": "zxc_1", "aud": ISSUER, "jti": "once", "exp": SECONDS + 60, "iat": SECONDS}


def judged(**changes):
    claims = {name: value for name, value in (GOOD | changes).items() if value is not ...}
    return judge(claims, client_id="zxc_1", issuer=ISSUER, now=NOW)


def test_a_sound_assertion_says_what_to_remember():
    assert judged() == Sound("once", datetime.fromtimestamp(SECONDS + 60, UTC))


def test_a_list_of_the_one_audience_is_sound():
    assert isinstance(judged(aud=[ISSUER]), Sound)


def test_the_issue_time_is_optional():
    assert isinstance(judged(iat=...), Sound)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"iss": "zxc_2"}, "issuer"),
        ({"sub": "zxc_2"}, "subject"),
        ({"sub": ...}, "subject"),
        ({"aud": f"{ISSUER}/oauth2/token"}, "audience"),
        ({"aud": [ISSUER, "https://other.test"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": ...}, "audience"),
        ({"jti": ...}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "a" * 129}, "jti"),
        ({"jti": "a\0b"}, "jti"),
        ({"exp": ...}, "time_missing"),
        ({"exp": "soon"}, "time_missing"),
        ({"exp": True}, "time_missing"),
        ({"exp": float("inf")}, "time_missing"),
        ({"exp": SECONDS}, "expired"),
        ({"exp": SECONDS + 306}, "too_long"),
        ({"iat": SECONDS + 6}, "not_yet"),
        ({"nbf": SECONDS + 6}, "not_yet"),
        ({"iat": None}, "not_yet"),
    ],
)
def test_an_unsound_assertion_is_named(changes, fault):
    assert judged(**changes) == Unsound(fault)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "nbf"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text("a:\0", max_size=9),
    )
)
def test_no_claims_raise(claims):
    assert isinstance(judge(GOOD | claims, client_id="zxc_1", issuer=ISSUER, now=NOW), Sound | Unsound)


@pytest.mark.parametrize("header", [{"alg": "ES256"}, {"alg": "ES256", "typ": "JWT", "kid": "1"}])
def test_a_plain_header_is_taken(header):
    assert is_plain_header(header)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES256", "jwk": {}},
        {"alg": "ES256", "jku": "https://evil.test"},
        {"alg": "ES256", "crit": ["exp"]},
        {"alg": "ES256", "typ": "at+jwt"},
        {},
    ],
)
def test_any_other_header_is_refused(header):
    assert not is_plain_header(header)
