"""Bulk calls between the services: whole bodies over kept connections, and every failure as the client's callers know it."""

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from services.kernel.bulk_transport import BulkTransport
from tests.door import until

pytestmark = pytest.mark.anyio
LARGE = bytes(range(256)) * 20_000


class Handler(BaseHTTPRequestHandler):
    """Answers what it was sent, by paths that misbehave."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.client_address, self.path, self.headers["Authorization"]))
        if self.path == "/slow":
            self.server.goes_on.wait(10)
        self.send_response(409 if self.path == "/refused" else 200)
        self.send_header("Content-Length", str(len(body) + (self.path == "/cut")))
        self.send_header("Zhixin-Counts", "counted")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.path in ("/cut", "/last")

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.goes_on = [], threading.Event()
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield server
    server.goes_on.set()
    server.shutdown()
    server.server_close()
    serving.join()


@pytest.fixture
async def client(server):
    address = f"http://127.0.0.1:{server.server_address[1]}"
    async with httpx.AsyncClient(base_url=address, transport=BulkTransport()) as client:
        yield client


async def test_a_large_body_goes_there_and_comes_back_as_it_was(client, server):
    answer = await client.post("/x?y=1", content=LARGE, headers={"Authorization": "Bearer z"})
    assert (answer.status_code, answer.content == LARGE) == (200, True)
    assert answer.headers["Zhixin-Counts"] == "counted"
    assert server.seen[0][1:] == ("/x?y=1", "Bearer z")


async def test_a_refusal_is_an_answer(client):
    assert (await client.post("/refused", content=b"no")).status_code == 409


async def test_a_connection_is_used_again_until_the_other_side_ends_it(client, server):
    for path in ("/", "/", "/last", "/"):
        await client.post(path, content=b"body")
        await asyncio.sleep(0.05)  # the end of a connection takes its time to arrive
    first, second, third, fourth = (address for address, _, _ in server.seen)
    assert first == second == third != fourth


async def test_calls_at_once_have_connections_of_their_own(client, server):
    await asyncio.gather(*(client.post("/", content=LARGE) for _ in range(4)))
    assert len(server.seen) == 4


async def test_failures_are_those_of_the_client(client, server):
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post("/cut", content=b"body")
    with pytest.raises(httpx.ReadTimeout):
        await client.post("/slow", content=b"body", timeout=0.1)
    nobody = httpx.AsyncClient(transport=BulkTransport())
    with pytest.raises(httpx.ConnectError):
        await nobody.post("http://127.0.0.1:1/", content=b"body")


async def test_a_call_that_is_given_up_does_not_wait_for_its_answer(client, server):
    calling = asyncio.create_task(client.post("/slow", content=b"body"))
    await until(lambda: server.seen)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(calling, 5)
    assert (await client.post("/", content=b"body")).status_code == 200
