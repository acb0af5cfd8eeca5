"""The token endpoint, met as a client meets it, hostile ones included."""

from urllib.parse import urlencode

import jwt
import pytest

from services.kernel.tokens import SigningKey
from tests.factories import make_agency
from tests.forgery import (
    GRANT,
    ISSUER,
    basic,
    bearer,
    by_secret,
    claims_of,
    hmac_signed,
    pem_of,
    proof,
    signed,
    token_of,
    unsigned,
)

pytestmark = pytest.mark.anyio
ALL = (
    "access_log:read access_log:write access_requests:write acts:read acts:write batches:read batches:write"
    " catalogue:read changes:read enterprises:read grade_decisions:read grade_decisions:write"
    " remedies:read remedies:write"
)


# --- a token is had


async def test_token_by_basic(client, secret):
    answer = await client.post(
        "/oauth2/token", data=GRANT, headers=basic(secret.client_id, secret.client_secret)
    )
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (
        200,
        "Bearer",
        300,
    )


async def test_token_by_post(client, secret):
    answer = await client.post("/oauth2/token", data=GRANT | by_secret(secret))
    assert answer.status_code == 200


async def test_token_by_assertion(client, keyed, own_key, clock):
    answer = await client.post("/oauth2/token", data=proof(signed(own_key, claims_of(keyed, clock))))
    assert answer.status_code == 200


async def test_token_answers_are_not_stored(client, secret):
    answer = await client.post("/oauth2/token", data=GRANT | by_secret(secret))
    assert answer.headers["cache-control"] == "no-store"


async def test_without_scope_a_token_has_all_that_is_granted(client, secret):
    answer = await client.post("/oauth2/token", data=GRANT | by_secret(secret))
    assert answer.json()["scope"] == ALL


async def test_a_token_carries_the_scope_asked_for(client, secret):
    answer = await client.post("/oauth2/token", data=GRANT | by_secret(secret) | {"scope": "batches:read"})
    assert answer.json()["scope"] == "batches:read"


async def test_an_empty_parameter_counts_as_absent(client, secret):
    answer = await client.post("/oauth2/token", data=GRANT | by_secret(secret) | {"scope": ""})
    assert answer.json()["scope"] == ALL


async def test_the_access_token_follows_rfc_9068(client, secret, agency, clock):
    token = await token_of(client, secret)
    header, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    now = int(clock().timestamp())
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    assert claims | {"jti": ...} == {
        "iss": ISSUER, "aud": f"{ISSUER}/v1", "sub": agency, "client_id": secret.client_id, "scope": ALL,
        "iat": now, "exp": now + 300, "jti": ...,
    }  # fmt: skip


async def test_the_signing_key_is_published(client, secret):
    kid = jwt.get_unverified_header(await token_of(client, secret))["kid"]
    jwks = (await client.get("/.well-known/jwks.json")).json()
    assert kid in {key["kid"] for key in jwks["keys"]}


async def test_published_keys_are_public(client):
    for path in ("/.well-known/jwks.json", "/.well-known/receipt-keys.json"):
        assert ["d" in key for key in (await client.get(path)).json()["keys"]] == [False]


async def test_metadata_names_the_issuer_and_the_methods(client):
    metadata = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["issuer"] == ISSUER
    assert metadata["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ]


async def test_a_token_opens_the_api(client, secret, agency):
    answer = await client.get("/v1/agencies", headers=bearer(await token_of(client, secret)))
    assert [item["id"] for item in answer.json()["items"]] == [agency]


async def test_an_agency_sees_its_own_grants_only(client, secret, exchange_database):
    make_agency(exchange_database, "food_drug", grants=("pull *",))
    answer = await client.get("/v1/grants", headers=bearer(await token_of(client, secret)))
    assert [(item["direction"], item["kind"]) for item in answer.json()["items"]] == [
        ("pull", "spot_check"),
        ("push", "*"),
    ]


async def test_the_catalogue_is_published(client, secret):
    answer = await client.get("/v1/catalogue", headers=bearer(await token_of(client, secret)))
    entry = next(item for item in answer.json()["items"] if item["kind"] == "spot_check")
    column = next(column for column in entry["columns"] if column["path"] == "/details/result")
    assert column["labels"] == {"pass": "合格", "fail": "不合格", "refused": "拒检"}


# --- and what is refused


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        (GRANT | {"scope": "everything"}, 400, "invalid_scope"),
        (GRANT | {"scope": "grades:read"}, 400, "invalid_scope"),
        (GRANT | {"scope": "batches:read  batches:write"}, 400, "invalid_scope"),
        (GRANT | {"client_secret": "wrong"}, 401, "invalid_client"),
        (GRANT | {"client_id": "nobody"}, 401, "invalid_client"),
        (GRANT | {"client_id": "no\0body"}, 401, "invalid_client"),
        (GRANT | {"client_id": ""}, 400, "invalid_request"),
        (GRANT | {"client_secret": ""}, 401, "invalid_client"),
        (proof("x.y.z"), 400, "invalid_request"),
    ],
)
async def test_a_faulty_request_is_refused_as_oauth_says(client, secret, form, status, error):
    answer = await client.post("/oauth2/token", data=by_secret(secret) | form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_unknown_client_and_wrong_secret_look_the_same(client, secret):
    wrong = await client.post("/oauth2/token", data=GRANT, headers=basic(secret.client_id, "wrong"))
    unknown = await client.post("/oauth2/token", data=GRANT, headers=basic("nobody", "wrong"))
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)


async def test_a_refused_client_is_asked_for_basic(client):
    answer = await client.post("/oauth2/token", data=GRANT, headers=basic("nobody", "wrong"))
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("header", ["Basic ?", "Basic bm9jb2xvbg==", "Basic /w==", "Bearer abc", "Basic"])
async def test_an_unreadable_authorization_header_is_refused(client, header):
    answer = await client.post("/oauth2/token", data=GRANT, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_two_authorization_headers_are_refused(client, secret):
    header = basic(secret.client_id, secret.client_secret)["Authorization"]
    answer = await client.post("/oauth2/token", data=GRANT, headers=[("Authorization", header)] * 2)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_two_methods_at_once_are_refused(client, secret):
    header = basic(secret.client_id, secret.client_secret)
    answer = await client.post("/oauth2/token", data=GRANT | by_secret(secret), headers=header)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_basic_for_one_client_and_the_form_for_another_is_refused(client, secret):
    header = basic(secret.client_id, secret.client_secret)
    answer = await client.post("/oauth2/token", data=GRANT | {"client_id": "other"}, headers=header)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("repeated", ["grant_type=client_credentials", "client_id=other", "scope=a&scope=b"])
async def test_a_repeated_parameter_is_refused(client, secret, repeated):
    body = f"{urlencode(GRANT | by_secret(secret))}&{repeated}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/oauth2/token", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_secret_in_the_query_string_is_refused(client, secret):
    answer = await client.post("/oauth2/token", params=by_secret(secret), data=GRANT)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"grant_type=%FF", "application/x-www-form-urlencoded", 400),
        (b"grant_type=\xff", "application/x-www-form-urlencoded", 400),
        (b"a=" + b"b" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"", "application/x-www-form-urlencoded", 401),
    ],
)
async def test_a_body_that_is_no_form_is_refused(client, content, content_type, status):
    answer = await client.post("/oauth2/token", content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, "error" in answer.json()) == (status, True)


async def test_a_replayed_assertion_is_refused(client, keyed, own_key, clock):
    form = proof(signed(own_key, claims_of(keyed, clock)))
    answers = [await client.post("/oauth2/token", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]


async def test_a_replayed_assertion_is_refused_to_its_last_second(client, keyed, own_key, clock):
    form = proof(signed(own_key, claims_of(keyed, clock, exp=int(clock().timestamp()) + 300)))
    await client.post("/oauth2/token", data=form)
    clock.advance(seconds=299)
    assert (await client.post("/oauth2/token", data=form)).status_code == 401


async def test_an_assertion_counts_once_even_when_its_request_failed(client, keyed, own_key, clock):
    form = proof(signed(own_key, claims_of(keyed, clock)))
    await client.post("/oauth2/token", data=form | {"scope": "everything"})
    assert (await client.post("/oauth2/token", data=form)).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": f"{ISSUER}/oauth2/token"},
        {"aud": [ISSUER, "https://other.test"]},
        {"iss": "another"},
        {"sub": "another"},
        {"jti": ""},
        {"exp": 1},
        {"exp": 10**12},
        {"iat": 10**12},
        {"exp": "soon"},
    ],
)
async def test_an_assertion_that_does_not_fit_is_refused(client, keyed, own_key, clock, changes):
    answer = await client.post(
        "/oauth2/token", data=proof(signed(own_key, claims_of(keyed, clock, **changes)))
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_an_unsigned_assertion_is_refused(client, keyed, clock):
    answer = await client.post(
        "/oauth2/token", data=proof(unsigned({"alg": "none"}, claims_of(keyed, clock)))
    )
    assert answer.status_code == 401


async def test_an_assertion_by_the_public_key_as_a_password_is_refused(client, keyed, own_key, clock):
    assertion = hmac_signed(pem_of(own_key), {"alg": "HS256", "typ": "JWT"}, claims_of(keyed, clock))
    assert (await client.post("/oauth2/token", data=proof(assertion))).status_code == 401


async def test_an_assertion_with_a_key_of_its_own_is_refused(client, keyed, clock):
    stranger = SigningKey.generate()
    assertion = signed(stranger, claims_of(keyed, clock), jwk=stranger.jwk, kid=stranger.kid)
    assert (await client.post("/oauth2/token", data=proof(assertion))).status_code == 401


async def test_an_assertion_by_a_strangers_key_is_refused(client, keyed, clock):
    assertion = signed(SigningKey.generate(), claims_of(keyed, clock))
    assert (await client.post("/oauth2/token", data=proof(assertion))).status_code == 401


async def test_an_assertion_for_a_client_with_a_secret_is_refused(client, secret, own_key, clock):
    assertion = signed(own_key, claims_of(secret, clock))
    assert (await client.post("/oauth2/token", data=proof(assertion))).status_code == 401


async def test_an_assertion_in_the_name_of_nobody_is_refused(client, own_key, clock, secret):
    claims = claims_of(secret, clock, iss="nobody", sub="nobody")
    assert (await client.post("/oauth2/token", data=proof(signed(own_key, claims)))).status_code == 401
