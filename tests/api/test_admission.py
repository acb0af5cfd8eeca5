"""Whoever is not admitted is refused before a byte of a body is read, on every route that takes one."""

import json

import pytest

from services.credit.api.access_table import TABLE as CREDIT_TABLE
from services.exchange.api.access_table import TABLE as EXCHANGE_TABLE
from services.kernel.access import Authentication

pytestmark = pytest.mark.anyio
OPEN = {Authentication.NONE, Authentication.CLIENT}


async def ask(app, method, path, token=None):
    """The status and code of a request whose body nobody may read."""
    headers = [(b"host", b"test"), (b"content-type", b"application/json"), (b"content-length", b"8000000")]
    headers += [(b"authorization", f"Bearer {token}".encode())] if token else []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path, "scheme": "http",
        "raw_path": path.encode(), "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }  # fmt: skip
    sent = []

    async def receive():
        raise AssertionError("the body was asked for")

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    assert [value for name, value in sent[0]["headers"] if name == b"x-request-id"] != []
    return sent[0]["status"], json.loads(sent[1]["body"])["code"]


async def test_strangers_are_refused_before_their_bodies_are_read(door):
    asked = 0
    for app, table in ((door.both.exchange, EXCHANGE_TABLE), (door.both.credit, CREDIT_TABLE)):
        for (method, path), rule in table.items():
            if method == "GET" or rule.authentication in OPEN:
                continue
            asked += 1
            there = path.replace("{", "").replace("}", "")
            assert (await ask(app, method, there))[0] == 401, (method, path)
            assert (await ask(app, method, there, "a.b.c"))[0] == 401, (method, path)
            if rule.scope:
                narrow = door.token("nobody", scope="grades:read catalogue:read")
                status, code = await ask(app, method, there, narrow)
                assert status == 403 or rule.scope == "grades:read", (method, path, code)
    assert asked > 30
