"""B5: all changes as NDJSON, as far as an agency's grants reach, read to nowhere by a client of its own process.

`python -m tests.benchmarks.pull PORT` reads a token from standard input and writes a `Pulled` to standard output.
"""

import http.client
import statistics
import subprocess
import sys
import time

import msgspec

from tests.benchmarks import queries
from tests.benchmarks.budgets import Result
from tests.benchmarks.deployment import PULLER, ROOT, Deployment

TURNS = 3
CHUNK = 1 << 20


class Pulled(msgspec.Struct):
    """How many events came, how many bytes, in what time, seconds."""

    events: int
    size: int
    seconds: float


def measure_pull(deployment: Deployment) -> Result:
    """Events a second that reach a client through a restricted grant; the limit hands over the whole journal."""
    values, limits, pulled = [], [], Pulled(0, 0, 0)
    for _ in range(TURNS):
        count, seconds = queries.journal_seconds(deployment.place.exchange_url)
        limits.append(count / seconds)
        pulled = _pull(deployment)
        values.append(pulled.events / pulled.seconds)
    held = queries.value_of(deployment.place.exchange_url, "SELECT count(*) FROM journal")
    note = f"{pulled.events:,} of {held:,} events, {pulled.size / pulled.seconds / 1e6:.0f} MB/s"
    return Result(statistics.median(values), statistics.median(limits), note)


def _pull(deployment: Deployment) -> Pulled:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.pull", str(deployment.exchange_port)],
        input=deployment.token(PULLER).encode(), stdout=subprocess.PIPE, cwd=ROOT, check=True,
    )  # fmt: skip
    return msgspec.json.decode(answer.stdout, type=Pulled)


def pull(port: int, token: str) -> Pulled:
    """Read the stream to its end, which is the line that states what it covers."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(
        "GET", "/v1/changes", headers={"Authorization": f"Bearer {token}", "Accept": "application/x-ndjson"}
    )
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"{answer.status} {answer.read(300)!r}")
    events = size = 0
    last = b""
    while chunk := answer.read1(CHUNK):
        events += chunk.count(b"\n")
        size += len(chunk)
        last = (last + chunk)[-4_096:]
    taken = time.perf_counter() - began
    if b'"control":"end"' not in last.rstrip(b"\n").rpartition(b"\n")[2]:
        raise SystemExit("the stream ended without stating what it covers")
    return Pulled(events - 1, size, taken)


if __name__ == "__main__":
    measured = pull(int(sys.argv[1]), sys.stdin.read())
    sys.stdout.buffer.write(msgspec.json.encode(measured))
