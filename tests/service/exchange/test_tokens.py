"""What tokens rest on: who may have them, which key signs them, and what is written when."""

from datetime import date
from ipaddress import ip_address

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlmodel import select

from services.exchange.app import open_exchange
from services.exchange.domain.assertion import ALGORITHM
from services.exchange.service.clients import AssertionProof, ClientRefused, SecretProof, authenticate
from services.exchange.service.credentials import revoke_credential
from services.exchange.service.keys import PUBLISHED_AHEAD, ensure_signing_keys, rotate_signing_key
from services.exchange.service.tokens import ScopeRefused, issue_token
from services.exchange.store.keychain import PURPOSE, NoSigningKey
from services.exchange.tables import Credential, SeenAssertion
from services.kernel.peer import Peer
from services.kernel.tokens import SigningKey
from tests.conftest import ISSUER
from tests.factories import make_agency, make_credential

PEER = Peer(ip_address("127.0.0.1"), None)


@pytest.fixture
def exchange(exchange_settings, clock):
    opened = open_exchange(exchange_settings, clock=clock)
    ensure_signing_keys(opened.database, opened.sealer(PURPOSE), clock())
    yield opened
    opened.database.close()


@pytest.fixture
def agency(exchange_database):
    return make_agency(exchange_database)


def proven(exchange, credential):
    return authenticate(exchange, SecretProof(credential.client_id, credential.client_secret), PEER)


def kid_of(issued):
    return jwt.get_unverified_header(issued.token)["kid"]


def test_a_narrowed_credential_has_no_more_than_it_was_given(exchange, exchange_settings, agency, clock):
    issued = make_credential(
        exchange.database, exchange_settings, agency, clock(), scopes=["batches:read", "grades:read"]
    )
    assert issue_token(exchange, proven(exchange, issued), None).scopes == ("batches:read",)


def test_scopes_beyond_the_grants_are_named(exchange, exchange_settings, agency, clock):
    issued = make_credential(exchange.database, exchange_settings, agency, clock())
    with pytest.raises(ScopeRefused, match=r"^changes:read$"):
        issue_token(exchange, proven(exchange, issued), ["batches:write", "changes:read"])


@pytest.mark.parametrize("last_day", [date(2026, 11, 22), date(2026, 11, 23)])
def test_an_agency_is_served_to_the_end_of_its_last_day(exchange, exchange_settings, clock, last_day):
    agency = make_agency(exchange.database, "food_drug", valid_until=last_day)
    issued = make_credential(exchange.database, exchange_settings, agency, clock())
    if last_day < clock().date():
        with pytest.raises(ClientRefused, match="agency_over"):
            proven(exchange, issued)
    else:
        assert proven(exchange, issued).agency == agency


def test_a_token_does_not_outlive_its_agency(exchange, exchange_settings, clock):
    agency = make_agency(exchange.database, "food_drug", valid_until=date(2026, 11, 23))
    issued = make_credential(exchange.database, exchange_settings, agency, clock())
    clock.advance(hours=11, minutes=59)  # one minute before midnight in China
    assert issue_token(exchange, proven(exchange, issued), None).expires_in == 60


def test_the_reason_of_a_refusal_is_known_inside(exchange, exchange_settings, agency, clock):
    issued = make_credential(exchange.database, exchange_settings, agency, clock())
    with exchange.database.write("test") as session:
        revoke_credential(session, client_id=issued.client_id, now=clock())
    with pytest.raises(ClientRefused, match="revoked"):
        proven(exchange, issued)


def test_last_use_is_noted_at_most_once_an_hour(exchange, exchange_settings, agency, clock):
    issued = make_credential(exchange.database, exchange_settings, agency, clock())
    first = clock()
    proven(exchange, issued)
    clock.advance(minutes=59)
    proven(exchange, issued)
    with exchange.database.read() as session:
        assert session.get(Credential, issued.client_id).last_used_at == first


def test_used_assertions_are_forgotten_when_they_are_over(exchange, exchange_settings, agency, clock):
    key = SigningKey.generate()
    pem = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    issued = make_credential(exchange.database, exchange_settings, agency, clock(), public_key_pem=pem)
    for jti in ("first", "second"):
        own = {
            "iss": issued.client_id,
            "sub": issued.client_id,
            "aud": ISSUER,
            "exp": int(clock().timestamp()) + 60,
            "jti": jti,
        }
        authenticate(exchange, AssertionProof(jwt.encode(own, key.private, ALGORITHM)), PEER)
        clock.advance(minutes=3)
    with exchange.database.read() as session:
        assert session.exec(select(SeenAssertion.jti)).all() == ["second"]


# --- signing keys


def rotated(exchange, use, clock):
    with exchange.database.write("test") as session:
        kid = rotate_signing_key(session, exchange.sealer(PURPOSE), use, clock()).kid
    exchange.keys.forget()
    return kid


def published(exchange, use):
    return [key["kid"] for key in exchange.keys.jwks(use)["keys"]]


def test_first_keys_are_made_once(exchange, clock):
    before = published(exchange, "access")
    ensure_signing_keys(exchange.database, exchange.sealer(PURPOSE), clock())
    exchange.keys.forget()
    assert published(exchange, "access") == before


def test_a_new_key_is_published_before_it_signs(exchange, clock):
    old = exchange.keys.signing_key("access", clock()).kid
    new = rotated(exchange, "access", clock)
    assert published(exchange, "access") == [old, new]
    assert exchange.keys.signing_key("access", clock()).kid == old


def test_a_new_key_takes_over_by_itself(exchange, clock):
    new = rotated(exchange, "access", clock)
    clock.advance(seconds=PUBLISHED_AHEAD.total_seconds())
    assert exchange.keys.signing_key("access", clock()).kid == new


def test_an_old_access_key_is_published_until_its_tokens_are_over(exchange, clock):
    old = exchange.keys.signing_key("access", clock()).kid
    rotated(exchange, "access", clock)
    clock.advance(seconds=PUBLISHED_AHEAD.total_seconds() + 300)
    assert old in published(exchange, "access")
    clock.advance(minutes=10)
    assert old not in published(exchange, "access")


def test_receipt_keys_are_published_for_ever(exchange, clock):
    old = exchange.keys.signing_key("receipt", clock()).kid
    new = rotated(exchange, "receipt", clock)
    clock.advance(days=3650)
    assert published(exchange, "receipt") == [old, new]


def test_two_rotations_in_a_row_leave_one_key_that_signs(exchange, clock):
    first = rotated(exchange, "access", clock)
    clock.advance(minutes=1)
    second = rotated(exchange, "access", clock)
    clock.advance(seconds=PUBLISHED_AHEAD.total_seconds() - 30)
    assert exchange.keys.signing_key("access", clock()).kid == first
    clock.advance(minutes=1)
    assert exchange.keys.signing_key("access", clock()).kid == second


def test_private_keys_do_not_open_under_another_secret(exchange, exchange_settings, clock):
    other = exchange_settings.model_copy(
        update={"secret": type(exchange_settings.secret)("another secret" * 3)}
    )
    stranger = open_exchange(other, clock=clock)
    with pytest.raises(InvalidTag):
        stranger.keys.signing_key("access", clock())
    stranger.database.close()


def test_without_keys_nothing_is_signed(exchange_settings, clock):
    fresh = open_exchange(exchange_settings, clock=clock)
    with pytest.raises(NoSigningKey):
        fresh.keys.signing_key("access", clock())
    fresh.database.close()
