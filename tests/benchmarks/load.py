"""The load: keep-alive connections that each ask, wait for the whole answer, and ask again. A process of its own.

`python -m tests.benchmarks.load` reads a `Load` as JSON from standard input and writes a `Measured` as JSON to
standard output. HTTP is spoken by hand, because a client library would cost more than the server under test.
"""

import asyncio
import sys
import time
from array import array

import msgspec
import uvloop


class Load(msgspec.Struct):
    """What to ask: the paths in turn, over so many connections, for so long after a warm-up, seconds."""

    port: int
    paths: list[str]
    headers: dict[str, str]
    connections: int
    seconds: float
    warm_up: float


class Measured(msgspec.Struct):
    """Answers a second; the middle and the slowest hundredth of latencies, milliseconds; refused answers."""

    rate: float
    p50: float
    p99: float
    failures: int


class Connection(asyncio.Protocol):
    """One connection that always has one request under way."""

    def __init__(self, requests: list[bytes], first: int, latencies: array, refusals: list[bytes]) -> None:
        self.requests, self.place = requests, first
        self.latencies, self.refusals = latencies, refusals
        self.received = b""
        self.sent_at = 0.0

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.place = (self.place + 1) % len(self.requests)
        self.sent_at = time.perf_counter()
        self.transport.write(self.requests[self.place])

    def data_received(self, data: bytes) -> None:
        received = self.received + data if self.received else data
        end = received.find(b"\r\n\r\n")
        if end < 0 or len(received) < end + 4 + _length(received, end):
            self.received = received
            return
        self.received = b""
        self.latencies.append(time.perf_counter() - self.sent_at)
        if not received.startswith(b"HTTP/1.1 200"):
            self.refusals.append(received[:300])
        self.ask()


def _length(received: bytes, end: int) -> int:
    start = received.find(b"content-length: ", 0, end) + 16
    return int(received[start : received.index(b"\r\n", start)])


async def measure(load: Load) -> Measured:
    """Put the load on 127.0.0.1 and measure it."""
    head = "".join(f"{name}: {value}\r\n" for name, value in load.headers.items())
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{load.port}\r\n{head}\r\n".encode() for path in load.paths
    ]
    latencies, refusals = array("d"), []
    loop = asyncio.get_running_loop()
    step = max(1, len(requests) // load.connections)
    opened = [
        await loop.create_connection(
            lambda place=number * step: Connection(requests, place % len(requests), latencies, refusals),
            "127.0.0.1",
            load.port,
        )
        for number in range(load.connections)
    ]
    await asyncio.sleep(load.warm_up)
    del latencies[:]
    began = time.perf_counter()
    await asyncio.sleep(load.seconds)
    taken = time.perf_counter() - began
    ordered = sorted(latencies)
    for transport, _ in opened:
        transport.abort()
    if refusals:
        print(refusals[0].decode(errors="replace"), file=sys.stderr)
    count = len(ordered)
    if not count:
        raise SystemExit("no answer at all")
    return Measured(
        count / taken,
        ordered[count // 2] * 1_000,
        ordered[min(count - 1, count * 99 // 100)] * 1_000,
        len(refusals),
    )


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(asked))))
