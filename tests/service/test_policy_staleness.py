"""Credit decides by a policy that the exchange has confirmed within four seconds, and by no other."""

import time

import httpx
import pytest

from services.credit.service import policy as mirror
from services.credit.service.policy import PolicyMirror
from services.exchange.app import create_app
from services.exchange.service.credentials import revoke_credential
from services.kernel.problems import Problem
from services.kernel.service_client import ServiceClient
from tests.door import until
from tests.factories import make_agency, make_credential
from tests.filing import code_of, registration

pytestmark = pytest.mark.anyio
GRADE = f"/v1/enterprises/{code_of(1)}/grade"


class Line(httpx.ASGITransport):
    """The line from credit to the exchange; it can be cut."""

    is_cut = False

    async def handle_async_request(self, request):
        if self.is_cut:
            raise httpx.ConnectError("the exchange is silent", request=request)
        return await super().handle_async_request(request)


@pytest.fixture
async def line(door):
    """The line of the running credit service, replaced by one that can be cut."""
    client = door.both.credit.state.credit.policy.__self__._exchange
    client._http._transport = Line(door.both.exchange)
    return client._http._transport


async def test_credit_refuses_when_the_exchange_is_silent_and_recovers_by_itself(door, line, monkeypatch):
    await door.push(registration(1))
    token = door.headers("reader")
    monkeypatch.setattr(mirror, "STALE_AFTER_SECONDS", 1.2)  # the next test holds the promised time

    async def status():
        return (await door.client.get(GRADE, headers=token)).status_code

    line.is_cut = True
    assert await status() == 200  # what was confirmed just now still counts

    async def is_stale():
        return await status() == 503

    await until(is_stale)
    answer = await door.client.get(GRADE, headers=token)
    page = await door.client.get(f"{GRADE}?explain=true", headers=token)
    ready = await door.client.get("/readyz")
    assert (answer.json()["code"], page.json()["code"], ready.status_code) == (
        "policy_stale",
        "policy_stale",
        503,
    )
    assert int(answer.headers["retry-after"]) >= 1

    line.is_cut = False

    async def is_back():
        return await status() == 200

    await until(is_back)


async def test_a_policy_is_used_for_four_seconds_after_it_was_asked_for(
    exchange_settings, service_keys, clock, serve, monkeypatch
):
    now = time.monotonic()
    app = create_app(exchange_settings, clock=clock, workers=())
    async with serve(app):
        client = ServiceClient(
            name="credit", peer="exchange", base_url="http://exchange.test", key=service_keys["credit"], clock=clock,
            transport=httpx.ASGITransport(app),
        )  # fmt: skip
        held = PolicyMirror(client)
        with pytest.raises(Problem, match="policy_stale"):
            held.current()
        await held.refresh()
        await client.close()
    held._confirmed_at = now
    monkeypatch.setattr(mirror.time, "monotonic", lambda: now + 4.0)
    assert held.current().version
    monkeypatch.setattr(mirror.time, "monotonic", lambda: now + 4.1)
    with pytest.raises(Problem, match="policy_stale"):
        held.current()


async def test_a_revoked_credential_is_refused_in_credit_after_the_poll(door):
    await door.push(registration(1))
    token = door.headers("reader")
    assert (await door.client.get(GRADE, headers=token)).status_code == 200
    started = time.monotonic()
    with door.exchange.database.write("test") as session:
        revoke_credential(session, client_id=door.credentials["reader"].client_id, now=door.clock())
    door.clock.advance(seconds=1)

    async def is_refused():
        return (await door.client.get(GRADE, headers=token)).json().get("code") == "token_invalid"

    await until(is_refused)
    assert time.monotonic() - started < 5


async def test_a_new_agency_is_known_to_credit_after_the_poll(door, exchange_settings):
    database = door.exchange.database
    agency = make_agency(database, "agriculture", grants=("pull *",))
    issued = make_credential(database, exchange_settings, agency, door.clock())
    await door.push(registration(1))
    door.clock.advance(seconds=1)
    door.agencies["new"], door.credentials["new"] = agency, issued

    async def is_known():
        return (await door.get(GRADE, "new")).status_code == 200

    await until(is_known)
