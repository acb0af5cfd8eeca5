"""B1 and B3: one enterprise's grade or file, asked for over keep-alive connections, against FastAPI's bare answer."""

import random
import statistics
import subprocess
import sys

import httpx
import msgspec

from tests.benchmarks.budgets import Result
from tests.benchmarks.deployment import BUILD, PUSHER, ROOT, Deployment, await_answer, free_port, started
from tests.benchmarks.load import Load, Measured
from tests.benchmarks.population import firm

CONNECTIONS = 32
CODES = 4_096
"""Different firms that are asked for."""
SECONDS = 5.0
WARM_UP = 2.0
TURNS = 2


def measure_grades(deployment: Deployment, firms: int) -> Result:
    """Grade lookups a second, each with a token that is checked."""
    return _measure(deployment, firms, "/v1/enterprises/{}/grade")


def measure_files(deployment: Deployment, firms: int) -> Result:
    """Files a second: enterprise, grade, names, latest records."""
    return _measure(deployment, firms, "/v1/enterprises/{}")


def _measure(deployment: Deployment, firms: int, path: str) -> Result:
    dice = random.Random(firms)
    codes = [firm(dice.randrange(firms))[0] for _ in range(CODES)]
    headers = {"Authorization": f"Bearer {deployment.token(PUSHER)}"}
    paths, port, typical = [path.format(code) for code in codes], free_port(), BUILD / "bench_answer.json"
    sample = httpx.get(
        f"http://127.0.0.1:{deployment.credit_port}{paths[0]}", headers=headers, trust_env=False
    )
    typical.write_bytes(sample.raise_for_status().content)
    values: list[Measured] = []
    limits: list[Measured] = []
    try:
        with started(["-m", "tests.benchmarks.bare", str(port), str(typical)]):
            await_answer(f"http://127.0.0.1:{port}/bare/{codes[0]}")
            for _ in range(TURNS):
                limits.append(_put_load(port, [f"/bare/{code}" for code in codes], {}))
                values.append(_put_load(deployment.credit_port, paths, headers))
    finally:
        typical.unlink()
    value, limit = (statistics.median(each.rate for each in measured) for measured in (values, limits))
    note = f"{len(sample.content):,} bytes; {_latencies(values)}; limit {_latencies(limits)}"
    return Result(value, limit, note)


def _put_load(port: int, paths: list[str], headers: dict[str, str]) -> Measured:
    load = Load(port, paths, headers, CONNECTIONS, SECONDS, WARM_UP)
    answer = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load"], input=msgspec.json.encode(load), stdout=subprocess.PIPE,
        cwd=ROOT, check=True,
    )  # fmt: skip
    measured = msgspec.json.decode(answer.stdout, type=Measured)
    if measured.failures:
        raise RuntimeError(f"{measured.failures} answers were not 200")
    return measured


def _latencies(measured: list[Measured]) -> str:
    p50 = statistics.median(each.p50 for each in measured)
    p99 = statistics.median(each.p99 for each in measured)
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"
