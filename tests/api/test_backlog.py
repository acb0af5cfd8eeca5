"""An agency whose earlier records still wait for credit has to wait with its next push; nothing that is there is lost."""

import httpx
import pytest

from tests.filing import registration

pytestmark = pytest.mark.anyio


@pytest.fixture
def exchange_settings(exchange_settings):
    return exchange_settings.model_copy(update={"waiting_records": 2})


class Cut(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request):
        raise httpx.ConnectError("the line is cut", request=request)


async def test_a_push_behind_too_many_waits_and_its_turn_comes(door, monkeypatch):
    line = door.exchange.credit._http._transport
    monkeypatch.setattr(door.exchange.credit._http, "_transport", Cut())
    first = await door.push(registration(1), registration(2), key="first")
    assert first.status_code == 202
    refused = await door.push(registration(3), key="second")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    again = await door.push(registration(1), registration(2), key="first")
    assert (again.status_code, again.content) == (202, first.content)
    other = await door.push(registration(4), caller="checks")
    assert other.status_code == 202, "another agency's records are no reason to wait"
    monkeypatch.setattr(door.exchange.credit._http, "_transport", line)
    door.clock.advance(seconds=5)
    await door.completed(first.headers["location"])
    assert (await door.push(registration(3), key="second")).status_code == 200
