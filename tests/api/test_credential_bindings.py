"""What a credential is besides its secret: its life, a certificate, networks, and failures that make it wait."""

from datetime import timedelta

import httpx
import pytest

from services.exchange.service.credentials import list_credentials, rotate_credential
from services.kernel.peer import read_certificate
from services.launch.one_process import OneProcess
from tests.conftest import address_of
from tests.door import Door, enrol, until
from tests.factories import make_credential
from tests.filing import code_of, credit_settings, registration
from tests.forgery import GRANT, ISSUER, bearer, by_secret

pytestmark = pytest.mark.anyio
PROXY, INSIDE, OUTSIDE = "10.0.0.1", "172.16.5.5", "203.0.113.9"
HELD, OTHER = "ab" * 32, "cd" * 32  # SHA-256 thumbprints of two client certificates
HEADER = "X-Client-Certificate"
PATHS = ("/v1/changes", f"/v1/enterprises/{code_of(1)}/grade", f"/v1/enterprises/{code_of(1)}/records")


class Behind:
    """Both services behind a proxy that they trust; each call says from which address and with which certificate."""

    def __init__(self, both, door):
        self.both, self.door = both, door

    async def call(self, method, path, *, address=INSIDE, certificate=None, via=PROXY, headers=None, **more):
        told = {"X-Forwarded-For": address} | ({HEADER: certificate} if certificate else {}) | (headers or {})
        transport = httpx.ASGITransport(self.both, client=(via, 1), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
            return await client.request(method, path, headers=told, **more)

    async def token(self, credential, **how):
        return await self.call("POST", "/oauth2/token", data=GRANT | by_secret(credential), **how)

    async def statuses(self, token, **how):
        return [(await self.call("GET", path, headers=bearer(token), **how)).status_code for path in PATHS]


@pytest.fixture
async def behind(exchange_database, exchange_settings, credit_database, service_keys, clock):
    trusting = {"trusted_proxies": f"{PROXY}/32", "certificate_header": HEADER}
    credit = credit_settings(address_of(credit_database), service_keys).model_copy(update=trusting)
    agencies, credentials = enrol(exchange_database, exchange_settings, clock())
    both = OneProcess(credit, exchange_settings.model_copy(update=trusting), clock=clock)
    transport = httpx.ASGITransport(both, raise_app_exceptions=False)
    async with both.lifespan(), httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        door = Door(both, client, clock, agencies, credentials)

        async def is_ready():
            return (await client.get("/readyz")).status_code == 200

        await until(is_ready)
        await door.push(registration(1), caller="whole")
        yield Behind(both, door)


@pytest.fixture
def issue(behind, exchange_settings, clock):
    async def issuing(**options):
        database = behind.door.exchange.database
        made = make_credential(database, exchange_settings, behind.door.agencies["whole"], clock(), **options)
        clock.advance(seconds=1)  # the exchange looks at the policy again

        async def credit_knows():
            policy = behind.both.credit.state.credit.policy()
            return made.client_id in policy.credential

        await until(credit_knows)
        return made

    return issuing


# --- certificates


async def test_a_bound_token_names_its_certificate_and_works_with_it_alone(behind, issue):
    credential = await issue(certificate=HELD)
    answer = await behind.token(credential, certificate=HELD)
    token = answer.json()["access_token"]
    told = await behind.call(
        "POST", "/oauth2/introspect", data=by_secret(credential) | {"token": token}, certificate=HELD
    )
    assert told.json()["cnf"] == {"x5t#S256": read_certificate(HELD)}
    assert await behind.statuses(token, certificate=HELD) == [200, 200, 200]
    assert await behind.statuses(token, certificate=OTHER) == [401, 401, 401]
    assert await behind.statuses(token) == [401, 401, 401]
    assert await behind.statuses(token, certificate=HELD, via=OUTSIDE) == [401, 401, 401]


async def test_without_its_certificate_a_bound_credential_gets_no_token(behind, issue):
    credential = await issue(certificate=HELD)
    answers = [
        await behind.token(credential, **how)
        for how in ({}, {"certificate": OTHER}, {"certificate": HELD, "via": OUTSIDE})
    ]
    assert {(answer.status_code, answer.json()["error"]) for answer in answers} == {(401, "invalid_client")}


async def test_a_token_from_before_the_binding_is_worth_nothing(behind, issue):
    credential = await issue(certificate=HELD)
    behind.door.credentials["whole"] = credential
    unbound = behind.door.token("whole")
    assert await behind.statuses(unbound, certificate=HELD) == [401, 401, 401]


async def test_two_certificates_of_one_request_are_none(behind, issue):
    credential = await issue(certificate=HELD)
    token = (await behind.token(credential, certificate=HELD)).json()["access_token"]
    transport = httpx.ASGITransport(behind.both, client=(PROXY, 1))
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        headers = [*bearer(token).items(), (HEADER, OTHER), (HEADER, HELD)]
        assert (await client.get(PATHS[0], headers=headers)).status_code == 401


async def test_metadata_says_that_tokens_may_be_bound(behind):
    metadata = (await behind.call("GET", "/.well-known/oauth-authorization-server")).json()
    assert metadata["tls_client_certificate_bound_access_tokens"] is True


# --- networks


async def test_a_credential_of_a_network_and_its_tokens_work_from_there_alone(behind, issue):
    credential = await issue(networks=["172.16.0.0/12"])
    token = (await behind.token(credential)).json()["access_token"]
    assert await behind.statuses(token) == [200, 200, 200]
    assert await behind.statuses(token, address=OUTSIDE) == [403, 403, 403]
    assert await behind.statuses(token, address=f"{INSIDE}, {OUTSIDE}") == [403, 403, 403]
    assert await behind.statuses(token, via=OUTSIDE) == [403, 403, 403]
    refused = await behind.call("GET", PATHS[0], headers=bearer(token), address=OUTSIDE)
    assert refused.json()["code"] == "network_not_allowed"
    assert (await behind.token(credential, address=OUTSIDE)).status_code == 401


# --- its life


async def test_a_pending_credential_works_from_its_beginning(behind, issue, clock):
    credential = await issue(active_from=clock() + timedelta(minutes=2))
    assert (await behind.token(credential)).status_code == 401
    clock.advance(minutes=2)
    assert (await behind.token(credential)).status_code == 200


async def test_during_an_overlap_old_and_new_work_and_after_it_the_new_alone(
    behind, issue, exchange_settings, clock
):
    old = await issue(networks=["172.16.0.0/12"], certificate=HELD)
    with behind.door.exchange.database.write("test") as session:
        new = rotate_credential(
            session, exchange_settings.secret.get_secret_value(), client_id=old.client_id, now=clock(),
            overlap=timedelta(hours=1),
        )  # fmt: skip
    assert [(await behind.token(each, certificate=HELD)).status_code for each in (old, new)] == [200, 200]
    assert (await behind.token(new, address=OUTSIDE, certificate=HELD)).status_code == 401
    clock.advance(hours=1)
    assert [(await behind.token(each, certificate=HELD)).status_code for each in (old, new)] == [401, 200]


async def test_the_last_thirty_days_are_told_with_each_token(behind, issue, clock):
    end = clock() + timedelta(days=31)
    credential = await issue(expires_at=end)
    early = await behind.token(credential)
    clock.advance(days=2)
    late = await behind.token(credential)
    assert "zhixin-credential-expires" not in early.headers
    assert late.headers["zhixin-credential-expires"].startswith(end.strftime("%Y-%m-%dT%H:%M:%S"))


# --- failures


def wrong(credential):
    return {"client_id": credential.client_id, "client_secret": credential.client_secret[:-1] + "!"}


async def test_after_five_failures_the_client_waits_longer_each_time(behind, issue, clock):
    credential = await issue()

    async def attempt(form, address=INSIDE):
        return await behind.call("POST", "/oauth2/token", data=GRANT | form, address=address)

    assert [(await attempt(wrong(credential))).status_code for _ in range(5)] == [401] * 5
    blocked = await attempt(by_secret(credential))
    assert (blocked.status_code, blocked.json()["error"], blocked.headers["retry-after"]) == (
        429, "rate_limited", "1",
    )  # fmt: skip
    clock.advance(seconds=1)
    assert (await attempt(wrong(credential))).status_code == 401
    assert (await attempt(by_secret(credential))).headers["retry-after"] == "2"
    # nobody shuts an agency out from elsewhere
    assert (await attempt(by_secret(credential), OUTSIDE)).status_code == 200
    clock.advance(seconds=2)
    assert (await attempt(by_secret(credential))).status_code == 200
    assert (await attempt(wrong(credential))).status_code == 401  # counted from the start again


async def test_a_client_that_does_not_exist_waits_alike(behind):
    form = {"client_id": "zxc_nobody", "client_secret": "zxs_guess"}
    answers = [await behind.call("POST", "/oauth2/token", data=GRANT | form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]


async def test_failures_are_counted_on_the_credential_for_its_administrator(behind, issue, clock):
    credential = await issue()
    for _ in range(3):
        await behind.call("POST", "/oauth2/token", data=GRANT | wrong(credential))
    await behind.token(credential)
    with behind.door.exchange.database.read() as session:
        row = next(r for r in list_credentials(session) if r.client_id == credential.client_id)
        assert (row.failed_attempts, row.last_failed_at, row.last_used_at) == (3, clock(), clock())
