"""Pushing the synthetic province through the real API, as its agencies would: their tokens, their batches, in order."""

import json
import time
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.launch.province import province

SEED: Final = 20171
ENTERPRISES: Final = 6_000
_ABOUT: Final = 72_000
"""Roughly how many records the default province has; the bar's end until the real number is known."""


class PushFailed(Exception):  # noqa: N818 - says what happened
    """The API did not take a batch of the demo."""


def push_province(
    base_url: str, credentials: dict[str, Any], on: date, *, enterprises: int, console: Console
) -> dict[str, int]:
    """Push every batch and answer the verdicts' counts. Interrupted, it goes on: each batch has a key of its own.

    Raises:
        PushFailed: a batch was refused.
    """
    totals: dict[str, int] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        httpx.Client(base_url=base_url, trust_env=False, timeout=120) as http,
        Progress(*columns, console=console) as progress,
    ):
        task = progress.add_task(
            "推送演示数据 / pushing demo data", total=_ABOUT * enterprises // ENTERPRISES
        )
        token = _Tokens(http, credentials)
        for number, (agency, records) in enumerate(province(SEED, on, enterprises)):
            counts = _push(http, token, agency, records, key=f"demo-{SEED}-{on}-{enterprises}-{number}")
            for verdict, count in counts.items():
                totals[verdict] = totals.get(verdict, 0) + count
            progress.update(task, advance=len(records))
        progress.update(task, total=totals["total"])
    return totals


class _Tokens:
    """Access tokens by agency, asked for again when they were refused."""

    def __init__(self, http: httpx.Client, credentials: dict[str, Any]) -> None:
        self._http, self._credentials = http, credentials
        self._held: dict[str, str] = {}

    def of(self, agency: str, *, fresh: bool = False) -> str:
        if fresh or agency not in self._held:
            known = self._credentials[agency]
            answer = self._http.post(
                "/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=(known["client_id"], known["client_secret"]),
            )
            answer.raise_for_status()
            self._held[agency] = answer.json()["access_token"]
        return self._held[agency]


def _push(
    http: httpx.Client, tokens: _Tokens, agency: str, records: list[dict[str, Any]], *, key: str
) -> dict[str, int]:
    body = json.dumps({"records": records}, ensure_ascii=False).encode()
    for attempt in _attempts():
        answer = http.post(
            "/v1/batches",
            content=body,
            headers={
                "Authorization": f"Bearer {tokens.of(agency, fresh=attempt > 0)}", "Idempotency-Key": key,
                "Content-Type": "application/json",
            },
        )  # fmt: skip
        if answer.status_code == 200:
            return dict(answer.json()["counts"])
        if answer.status_code == 202:
            return _await_counts(http, tokens, agency, answer.json()["id"])
        if answer.status_code not in (401, 409, 503):
            break
    raise PushFailed(f"{agency}: {answer.status_code} {answer.text[:300]}")


def _await_counts(http: httpx.Client, tokens: _Tokens, agency: str, batch: str) -> dict[str, int]:
    for attempt in _attempts(120):
        answer = http.get(
            f"/v1/batches/{batch}",
            headers={"Authorization": f"Bearer {tokens.of(agency, fresh=attempt > 0)}"},
        )
        if answer.json().get("status") == "completed":
            return dict(answer.json()["counts"])
    raise PushFailed(f"{agency}: batch {batch} was not completed in time")


def _attempts(most: int = 10) -> Iterator[int]:
    """Numbers of attempts, a second apart."""
    for attempt in range(most):
        if attempt:
            time.sleep(1.0)
        yield attempt
