"""The hostile corpus of `tests/hostile_tokens.py` against the door: everything is refused, each with the right error.

Access tokens are tried on both services, and in credit on the lane before the framework as well.
"""

from datetime import UTC, date, datetime

import pytest

from services.exchange.service.administration import end_grant
from services.exchange.store.grants import grants_of
from services.kernel.tokens import SigningKey
from tests.door import until
from tests.filing import code_of, registration
from tests.forgery import ISSUER, proof
from tests.hostile_tokens import ASSERTIONS, FORMS, TOKENS, AssertionForge, Forge, bearer

pytestmark = pytest.mark.anyio
GRADE = f"/v1/enterprises/{code_of(1)}/grade"
PATHS = ("/v1/changes", GRADE, f"{GRADE}?explain=true")


@pytest.fixture(scope="module")
def stranger():
    return SigningKey.generate()


@pytest.fixture
def forge(door, service_keys, stranger):
    now = int(door.clock().timestamp())
    claims = {
        "iss": ISSUER, "aud": f"{ISSUER}/v1", "sub": door.agencies["whole"], "jti": "honest",
        "client_id": door.credentials["whole"].client_id, "iat": now, "exp": now + 300,
        "scope": "changes:read grades:read",
    }  # fmt: skip
    server = door.exchange.keys.signing_key("access", door.clock())
    return Forge(server, service_keys["credit"], stranger, claims, door.clock)


def test_the_corpus_is_large():
    assert len(TOKENS) + len(ASSERTIONS) + len(FORMS) >= 150


async def test_every_hostile_token_is_refused_with_its_error(door, forge):
    await door.push(registration(1), caller="whole")
    for path in PATHS:
        assert (await door.client.get(path, headers=bearer(forge.token()))).status_code == 200
    wrong = []
    for name, (made, expected) in TOKENS.items():
        for path in PATHS:
            answer = await door.client.get(path, headers=made(forge))
            if (answer.status_code, answer.json()["code"]) != expected:
                wrong.append((name, path, answer.status_code, answer.text[:80]))
            challenge = answer.headers.get("www-authenticate", "")
            if not challenge.startswith("Bearer ") or ("error=" in challenge) is (
                expected[1] == "token_missing"
            ):
                wrong.append((name, path, challenge))
    assert wrong == []


async def test_a_token_in_the_address_is_no_token(door, forge):
    token = forge.token()
    missing = await door.client.get("/v1/changes", params={"access_token": token})
    refused = await door.client.get("/v1/changes", params={"access_token": token}, headers=bearer(token))
    assert (missing.json()["code"], refused.json()["code"]) == ("token_missing", "parameter_unknown")


async def test_every_hostile_assertion_is_refused_and_uses_nothing_up(
    client, keyed, own_key, stranger, clock
):
    forge = AssertionForge(own_key, stranger, keyed, clock)
    wrong = []
    for name, made in ASSERTIONS.items():
        clock.advance(hours=1)  # so that no failure before makes this one wait
        answer = await client.post("/oauth2/token", data=proof(made(forge)))
        if (answer.status_code, answer.json()["error"]) != (401, "invalid_client"):
            wrong.append((name, answer.status_code, answer.text[:80]))
    assert wrong == []
    assert (await client.post("/oauth2/token", data=proof(forge.assertion()))).status_code == 200


async def test_every_hostile_form_is_refused_with_its_error(client, secret, clock):
    wrong = []
    for name, (made, status, error) in FORMS.items():
        clock.advance(hours=1)  # so that no failure before makes this one wait
        headers, content = made(secret)
        answer = await client.post("/oauth2/token", headers=headers, content=content)
        if (answer.status_code, answer.json()["error"]) != (status, error):
            wrong.append((name, answer.status_code, answer.text[:80]))
        if answer.headers["cache-control"] != "no-store":
            wrong.append((name, "stored"))
    assert wrong == []


async def test_two_content_types_are_refused(client, secret):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/oauth2/token", headers=[*form.items(), ("Content-Type", "application/json")])
    assert (answer.status_code, answer.json()["error"]) == (415, "invalid_request")


# --- scopes end with the grants behind them


async def test_a_token_loses_a_scope_in_both_services_as_soon_as_the_grant_behind_it_ends(door, forge):
    await door.push(registration(1), caller="whole")
    headers = bearer(forge.token())
    assert [(await door.client.get(path, headers=headers)).status_code for path in PATHS] == [200] * 3
    with door.exchange.database.write("test_end") as session:
        pull = next(g for g in grants_of(session, door.agencies["whole"]) if g.direction == "pull")
        end_grant(session, pull.id, last_day=pull.valid_from)
    door.clock.advance(seconds=1)

    async def is_refused(path):
        answer = await door.client.get(path, headers=headers)
        return (answer.status_code, answer.json().get("code")) == (403, "grant_missing")

    for path in PATHS:
        await until(lambda path=path: is_refused(path))


async def test_a_grant_that_ends_with_the_day_ends_the_scope_at_midnight_in_china(door):
    door.clock.now = datetime(2026, 11, 23, 15, 59, 0, tzinfo=UTC)
    with door.exchange.database.write("test_end") as session:
        for grant in grants_of(session, door.agencies["whole"]):
            end_grant(session, grant.id, last_day=date(2026, 11, 23))
    headers = door.headers("whole")
    assert (await door.client.get("/v1/changes", headers=headers)).status_code == 200
    door.clock.advance(seconds=60)
    answer = await door.client.get("/v1/changes", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "grant_missing")
