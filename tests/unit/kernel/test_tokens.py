"""Signed tokens: what the one verifier takes, and everything that it refuses."""

import time

import jwt
import pytest

from services.kernel.service_client import read_service_token, sign_service_token
from services.kernel.tokens import ACCESS_TYPE, RECEIPT_TYPE, SERVICE_TYPE, KeyRing, SigningKey, TokenError
from tests.forgery import hmac_signed, unsigned

ISSUER, AUDIENCE = "https://issuer.test", "https://issuer.test/v1"


@pytest.fixture(scope="module")
def key():
    return SigningKey.generate()


@pytest.fixture
def ring(key):
    return KeyRing({"keys": [key.jwk]})


@pytest.fixture
def claims(clock):
    now = int(clock().timestamp())
    return {"iss": ISSUER, "sub": "agency", "aud": AUDIENCE, "iat": now, "exp": now + 300, "jti": "1"}


def verified(ring, token, clock, **changed):
    wanted = {"typ": ACCESS_TYPE, "issuer": ISSUER, "audience": AUDIENCE} | changed
    return ring.verify(token, now=clock(), **wanted)


def refusal(ring, token, clock, **changed):
    with pytest.raises(TokenError) as caught:
        verified(ring, token, clock, **changed)
    return caught.value.code


def forged(key, claims, algorithm="ES256", **header):
    return jwt.encode(claims, key.private, algorithm, headers={"typ": ACCESS_TYPE, "kid": key.kid} | header)


def test_a_sound_token_gives_its_claims(ring, key, claims, clock):
    assert verified(ring, key.sign(claims, ACCESS_TYPE), clock) == claims


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit"])
def test_a_token_that_brings_its_own_key_is_refused(ring, key, claims, clock, name):
    value = {"jwk": key.jwk, "crit": ["exp"], "x5c": ["x"]}.get(name, "https://evil.test/keys")
    assert refusal(ring, forged(key, claims, **{name: value}), clock) == "token_invalid"


@pytest.mark.parametrize("typ", [SERVICE_TYPE, RECEIPT_TYPE, "JWT", "AT+JWT", None])
def test_a_token_of_another_type_is_refused(ring, key, claims, clock, typ):
    assert refusal(ring, forged(key, claims, typ=typ), clock) == "token_invalid"


def test_a_token_without_a_signature_is_refused(ring, key, claims, clock):
    token = unsigned({"alg": "none", "typ": ACCESS_TYPE, "kid": key.kid}, claims)
    assert refusal(ring, token, clock) == "token_invalid"


def test_a_token_under_the_public_key_as_a_secret_is_refused(ring, key, claims, clock):
    header = {"alg": "HS256", "typ": ACCESS_TYPE, "kid": key.kid}
    assert refusal(ring, hmac_signed(key.public_pem.encode(), header, claims), clock) == "token_invalid"


def test_a_token_of_another_key_is_refused(ring, key, claims, clock):
    other = SigningKey.generate()
    assert refusal(ring, other.sign(claims, ACCESS_TYPE), clock) == "token_invalid"
    assert refusal(ring, forged(other, claims, kid=key.kid), clock) == "token_invalid"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.test"},
        {"aud": ISSUER},
        {"aud": ["https://other.test/v1"]},
        {"iat": "yesterday"},
        {"exp": True},
        {"exp": "never"},
    ],
)
def test_a_token_with_another_claim_is_refused(ring, key, claims, clock, changed):
    assert refusal(ring, key.sign(claims | changed, ACCESS_TYPE), clock) == "token_invalid"


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "iat", "exp", "jti"])
def test_a_token_without_a_claim_is_refused(ring, key, claims, clock, name):
    token = key.sign({each: value for each, value in claims.items() if each != name}, ACCESS_TYPE)
    assert refusal(ring, token, clock) == "token_invalid"


def test_a_token_may_be_required_to_have_more(ring, key, claims, clock):
    assert refusal(ring, key.sign(claims, ACCESS_TYPE), clock, required=("client_id",)) == "token_invalid"


def test_a_token_is_over_at_its_very_second(ring, key, claims, clock):
    token = key.sign(claims, ACCESS_TYPE)
    clock.advance(seconds=299)
    assert verified(ring, token, clock) == claims
    clock.advance(seconds=1)
    assert refusal(ring, token, clock) == "token_expired"


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_token_of_the_future_is_refused(ring, key, claims, clock, name):
    ahead = int(clock().timestamp()) + 60
    assert refusal(ring, key.sign(claims | {name: ahead}, ACCESS_TYPE), clock) == "token_invalid"


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "e30.e30.", "ｅ.ｅ.ｅ", "a" * 9_000])
def test_what_is_no_token_is_refused(ring, clock, token):
    assert refusal(ring, token, clock) == "token_invalid"


def test_the_time_of_the_machine_plays_no_part(ring, key, claims, clock):
    clock.advance(days=-4_000)
    moved = claims | {"iat": int(clock().timestamp()), "exp": int(clock().timestamp()) + 300}
    assert moved["exp"] < time.time()
    assert verified(ring, key.sign(moved, ACCESS_TYPE), clock) == moved


def test_a_key_under_a_name_not_its_own_is_not_taken(key):
    assert key.kid not in KeyRing({"keys": [key.jwk | {"kid": "another"}]})


def test_a_key_survives_its_pem(key):
    assert SigningKey.from_pem(key.pem).kid == key.kid


def test_a_service_token_names_its_actor_for_a_minute(ring, key, clock):
    token = sign_service_token(key, issuer="exchange", audience="credit", actor="agency", now=clock())
    assert read_service_token(ring, token, issuer="exchange", audience="credit", now=clock()) == "agency"
    clock.advance(seconds=60)
    with pytest.raises(TokenError, match="token_expired"):
        read_service_token(ring, token, issuer="exchange", audience="credit", now=clock())


def test_a_service_token_for_the_other_service_is_refused(ring, key, clock):
    token = sign_service_token(key, issuer="exchange", audience="credit", actor=None, now=clock())
    with pytest.raises(TokenError, match="token_invalid"):
        read_service_token(ring, token, issuer="exchange", audience="exchange", now=clock())
