"""Access tokens at the API: forged, expired, given back, and what becomes of them when their credential ends."""

from datetime import timedelta

import pytest

from services.exchange.api.access_table import TABLE
from services.exchange.app import create_app
from services.exchange.service.administration import end_grant
from services.exchange.service.credentials import revoke_credential
from services.kernel import access
from services.kernel.service_client import sign_service_token
from services.kernel.tokens import SigningKey, thumbprint
from tests.factories import make_credential
from tests.forgery import GRANT, ISSUER, bearer, by_secret, hmac_signed, pem_of, signed, token_of, unsigned

pytestmark = pytest.mark.anyio
ALL = (
    "access_log:read access_log:write access_requests:write acts:read acts:write batches:read batches:write"
    " catalogue:read changes:read enterprises:read grade_decisions:read grade_decisions:write"
    " remedies:read remedies:write"
)


# --- access tokens that are none


@pytest.fixture
def own_claims(agency, secret, clock):
    now = int(clock().timestamp())
    return {
        "iss": ISSUER, "aud": f"{ISSUER}/v1", "sub": agency, "client_id": secret.client_id,
        "scope": "catalogue:read", "iat": now, "exp": now + 300, "jti": "made up",
    }  # fmt: skip


async def refusal(client, token):
    answer = await client.get("/v1/catalogue", headers=bearer(token))
    return answer.status_code, answer.json()["code"]


async def server_key(client):
    app = client._transport.app
    return app.state.exchange.keys.signing_key("access", app.state.exchange.clock())


async def test_a_token_made_with_the_servers_key_is_sound(client, own_claims):
    # The tests below change one thing each about this token.
    token = (await server_key(client)).sign(own_claims, "at+jwt")
    assert (await client.get("/v1/catalogue", headers=bearer(token))).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ISSUER},
        {"aud": [f"{ISSUER}/v2"]},
        {"iss": "https://other.test"},
        {"iat": 10**11},
        {"client_id": "nobody"},
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(client, own_claims, changes):
    token = (await server_key(client)).sign(own_claims | changes, "at+jwt")
    assert await refusal(client, token) == (401, "token_invalid")


@pytest.mark.parametrize("typ", ["JWT", "svc+jwt", "receipt+jws", "application/at+jwt"])
async def test_a_token_of_another_type_is_refused(client, own_claims, typ):
    token = (await server_key(client)).sign(own_claims, typ)
    assert await refusal(client, token) == (401, "token_invalid")


async def test_an_unsigned_token_is_refused(client, own_claims):
    kid = (await server_key(client)).kid
    token = unsigned({"alg": "none", "typ": "at+jwt", "kid": kid}, own_claims)
    assert await refusal(client, token) == (401, "token_invalid")


async def test_a_token_by_the_public_key_as_a_password_is_refused(client, own_claims):
    key = await server_key(client)
    token = hmac_signed(pem_of(key), {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}, own_claims)
    assert await refusal(client, token) == (401, "token_invalid")


async def test_a_token_that_brings_its_key_is_refused(client, own_claims):
    stranger = SigningKey.generate()
    headers = {"typ": "at+jwt", "kid": thumbprint(stranger.private.public_key()), "jwk": stranger.jwk}
    assert await refusal(client, signed(stranger, own_claims, **headers)) == (401, "token_invalid")


async def test_a_token_that_names_the_servers_key_but_has_another_signature_is_refused(client, own_claims):
    headers = {"typ": "at+jwt", "kid": (await server_key(client)).kid}
    assert await refusal(client, signed(SigningKey.generate(), own_claims, **headers)) == (
        401,
        "token_invalid",
    )


async def test_a_token_ends_after_five_minutes(client, secret, clock):
    token = await token_of(client, secret)
    clock.advance(seconds=300)
    assert await refusal(client, token) == (401, "token_expired")


async def test_two_bearer_headers_are_refused(client, secret):
    header = ("Authorization", f"Bearer {await token_of(client, secret)}")
    answer = await client.get("/v1/catalogue", headers=[header, header])
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_no_token_is_told_apart(client):
    answer = await client.get("/v1/catalogue")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


async def test_a_token_without_the_scope_is_refused(client, secret):
    token = await token_of(client, secret, scope="batches:read")
    assert await refusal(client, token) == (403, "scope_missing")


# --- the end of things


async def test_a_revoked_credential_is_refused_within_a_second(client, secret, exchange_database, clock):
    token = await token_of(client, secret)
    assert (await client.get("/v1/catalogue", headers=bearer(token))).status_code == 200
    with exchange_database.write("test_revoke") as session:
        revoke_credential(session, client_id=secret.client_id, now=clock())
    clock.advance(seconds=1)
    assert await refusal(client, token) == (401, "token_invalid")


async def test_a_revoked_credential_gets_no_token(client, secret, exchange_database, clock):
    with exchange_database.write("test_revoke") as session:
        revoke_credential(session, client_id=secret.client_id, now=clock())
    assert (await client.post("/oauth2/token", data=GRANT | by_secret(secret))).status_code == 401


async def test_a_credential_and_its_tokens_end_at_its_instant(
    client, exchange_database, exchange_settings, agency, clock
):
    short = make_credential(
        exchange_database, exchange_settings, agency, clock(), expires_at=clock() + timedelta(seconds=60)
    )
    answer = await client.post("/oauth2/token", data=GRANT | by_secret(short))
    clock.advance(seconds=60)
    assert answer.json()["expires_in"] == 60
    assert (await client.post("/oauth2/token", data=GRANT | by_secret(short))).status_code == 401


async def test_an_ended_grant_gives_no_scope(client, secret, exchange_database, clock):
    grants = (await client.get("/v1/grants", headers=bearer(await token_of(client, secret)))).json()["items"]
    push = next(grant["id"] for grant in grants if grant["direction"] == "push")
    with exchange_database.write("test_end") as session:
        end_grant(session, push, last_day=clock().date() - timedelta(days=1))
    answer = await client.post("/oauth2/token", data=GRANT | by_secret(secret))
    assert "batches:write" not in answer.json()["scope"]


async def test_a_token_given_back_is_refused(client, secret, clock):
    token = await token_of(client, secret)
    answer = await client.post("/oauth2/revoke", data=by_secret(secret) | {"token": token})
    clock.advance(seconds=1)
    assert answer.status_code == 200
    assert await refusal(client, token) == (401, "token_invalid")


async def test_giving_back_twice_or_nonsense_is_no_error(client, secret):
    token = await token_of(client, secret)
    answers = [
        await client.post("/oauth2/revoke", data=by_secret(secret) | {"token": given})
        for given in (token, token, "nonsense")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]


async def test_nobody_gives_back_anothers_token(
    client, secret, exchange_database, exchange_settings, agency, clock
):
    other = make_credential(exchange_database, exchange_settings, agency, clock())
    answer = await client.post(
        "/oauth2/revoke", data=by_secret(other) | {"token": await token_of(client, secret)}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_client_learns_of_its_own_token(client, secret, agency):
    answer = await client.post(
        "/oauth2/introspect", data=by_secret(secret) | {"token": await token_of(client, secret)}
    )
    assert (answer.json()["active"], answer.json()["sub"], answer.json()["scope"]) == (True, agency, ALL)


async def test_a_client_learns_nothing_of_anothers_token(
    client, secret, exchange_database, exchange_settings, agency, clock
):
    other = make_credential(exchange_database, exchange_settings, agency, clock())
    answer = await client.post(
        "/oauth2/introspect", data=by_secret(other) | {"token": await token_of(client, secret)}
    )
    assert answer.json() == {"active": False}


async def test_a_token_given_back_is_not_active(client, secret):
    form = by_secret(secret) | {"token": await token_of(client, secret)}
    await client.post("/oauth2/revoke", data=form)
    assert (await client.post("/oauth2/introspect", data=form)).json() == {"active": False}


@pytest.mark.parametrize("path", ["/oauth2/revoke", "/oauth2/introspect"])
async def test_without_a_token_or_a_client_nothing_is_told(client, secret, path):
    answers = [
        await client.post(path, data=by_secret(secret)),
        await client.post(path, data={"token": "any"}),
    ]
    assert [answer.json()["error"] for answer in answers] == ["invalid_request", "invalid_client"]


# --- the policy feed


def service_token(keys, clock, audience="exchange"):
    return bearer(
        sign_service_token(keys["credit"], issuer="credit", audience=audience, actor=None, now=clock())
    )


async def test_the_peer_reads_the_policy(client, service_keys, clock, agency, secret, keyed):
    policy = (await client.get("/internal/policy", headers=service_token(service_keys, clock))).json()
    assert [held["id"] for held in policy["agencies"]] == [agency]
    assert {held["client_id"] for held in policy["credentials"]} == {secret.client_id, keyed.client_id}


async def test_a_known_policy_is_not_sent_again(client, service_keys, clock):
    version = (await client.get("/internal/policy", headers=service_token(service_keys, clock))).json()[
        "version"
    ]
    answer = await client.get(f"/internal/policy?known={version}", headers=service_token(service_keys, clock))
    assert answer.json() == {"version": version, "unchanged": True}


async def test_an_agency_does_not_read_the_policy(client, secret):
    answer = await client.get("/internal/policy", headers=bearer(await token_of(client, secret)))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_a_service_token_for_another_audience_is_refused(client, service_keys, clock):
    answer = await client.get(
        "/internal/policy", headers=service_token(service_keys, clock, audience="credit")
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_the_service_says_how_it_is(client, path):
    assert (await client.get(path)).status_code == 200


def test_a_route_without_a_rule_keeps_the_service_from_starting(exchange_settings):
    app = create_app(exchange_settings)
    rules = {route: rule for route, rule in TABLE.items() if route != ("GET", "/v1/grants")}
    with pytest.raises(RuntimeError, match="/v1/grants"):
        access.install(app, rules, app.state.guard.authenticator)
