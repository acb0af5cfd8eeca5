"""B4: one batch of many records on firms that have files already, from the first byte sent until everything is done."""

import secrets
import statistics
import time
from pathlib import Path

import httpx

from services.kernel.clock import shanghai_day, system_clock
from tests.benchmarks import queries
from tests.benchmarks.budgets import Result
from tests.benchmarks.deployment import BUILD, PUSHER, Deployment
from tests.benchmarks.population import acts

RECORDS = 200_000
FIRMS = 20_000
FULL_FROM = 0.02
"""The scale from which the whole batch is pushed."""
POLL_SECONDS = 0.1
TOKEN_SECONDS = 240
LIMIT_RUNS = 3


def measure_push(deployment: Deployment, firms: int, scale: float) -> Result:
    """Records a second of a push whose batch is complete, whose receipt is readable and whose events are in the
    journal; the limit is the bare statement of the database for the same rows."""
    count = int(RECORDS * min(1.0, scale / FULL_FROM))
    body = BUILD / "bench_push.ndjson"
    _write(body, firms, count)
    try:
        batch, completed, everything = _push(deployment, body, count)
    finally:
        body.unlink()
    limit = count / _limit_seconds(deployment, batch)
    return Result(
        count / everything,
        limit,
        f"{count:,} records; verdicts after {completed:.1f} s, all {everything:.1f} s",
    )


def _write(body: Path, firms: int, count: int) -> None:
    first = max(0, firms - FIRMS) // 2
    chosen = range(first, min(firms, first + FIRMS))
    with body.open("wb") as file:
        lines = acts(chosen, count, shanghai_day(system_clock()), series="B4")
        file.writelines(line + b"\n" for line in lines)


def _push(deployment: Deployment, body: Path, count: int) -> tuple[str, float, float]:
    """The batch, the seconds until its receipt could be read, and until its events were in the journal too."""
    with httpx.Client(
        base_url=f"http://127.0.0.1:{deployment.exchange_port}", trust_env=False, timeout=120
    ) as http:
        began = last_token = time.perf_counter()
        http.headers["Authorization"] = f"Bearer {deployment.token(PUSHER)}"
        with body.open("rb") as file:
            answer = http.post(
                "/v1/batches", content=file,
                headers={"Content-Type": "application/x-ndjson", "Idempotency-Key": secrets.token_hex(8)},
            )  # fmt: skip
        answer.raise_for_status()
        batch = answer.json()
        while batch["status"] != "completed":
            time.sleep(POLL_SECONDS)
            if time.perf_counter() - last_token > TOKEN_SECONDS:
                last_token = time.perf_counter()
                http.headers["Authorization"] = f"Bearer {deployment.token(PUSHER)}"
            batch = http.get(f"/v1/batches/{batch['id']}").raise_for_status().json()
        http.get(f"/v1/batches/{batch['id']}/receipt").raise_for_status()
        completed = time.perf_counter() - began
        while queries.unsent(deployment.place.credit_url):
            time.sleep(POLL_SECONDS)
        everything = time.perf_counter() - began
    if batch["counts"]["accepted"] != count:
        raise RuntimeError(f"not every record was accepted: {batch['counts']}")
    return batch["id"], completed, everything


def _limit_seconds(deployment: Deployment, batch: str) -> float:
    url = deployment.place.credit_url
    if deployment.place.is_sqlite:
        return statistics.median(queries.executemany_seconds(url, batch) for _ in range(LIMIT_RUNS))
    rows = BUILD / "bench_limit.copy"
    try:
        queries.copy_of_versions(url, batch, rows)
        return statistics.median(queries.copy_seconds(url, batch, rows) for _ in range(LIMIT_RUNS))
    finally:
        rows.unlink(missing_ok=True)
        queries.drop_copy(url)
