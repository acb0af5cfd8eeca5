"""Databases of this run's own, and the services served on them as in production, in processes of their own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psycopg
from sqlalchemy import make_url

from services.credit.service.rulebooks import seed_rulebook
from services.exchange.service.administration import add_grant, register_agency, seed_departments
from services.exchange.service.credentials import issue_credential
from services.kernel import uscc
from services.kernel.clock import system_clock
from services.kernel.db import Database
from services.kernel.migrate import upgrade
from services.kernel.tokens import SigningKey
from services.launch.embedded import Secrets
from tests.benchmarks.population import PROVINCE

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
POSTGRES = os.environ.get("ZHIXIN_TEST_POSTGRES") or "postgresql://postgres@127.0.0.1:5432/postgres"
SINCE = date(2015, 10, 1)
PUSHER = "industry_commerce"
"""Pushes every kind and reads everything."""
PULLER = "quality_supervision"
PULLED = ("enterprise_registration", "spot_check", "administrative_penalty")
"""What the pulling agency is granted, in one province: no awards, no grades."""
READY_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """The two databases of a run and the secrets of its services."""

    backend: str
    credit_url: str
    exchange_url: str
    secrets: Secrets

    @property
    def is_sqlite(self) -> bool:
        return self.backend == "sqlite"


@dataclass(frozen=True)
class Deployment:
    """Services that answer: ports, process ids and credentials by department."""

    place: Place
    credit_port: int
    exchange_port: int
    credit_process: int
    credentials: dict[str, tuple[str, str]]

    def token(self, department: str) -> str:
        """A new access token; it lives for five minutes."""
        answer = httpx.post(
            f"http://127.0.0.1:{self.exchange_port}/oauth2/token",
            data={"grant_type": "client_credentials"}, auth=self.credentials[department], trust_env=False,
        )  # fmt: skip
        answer.raise_for_status()
        return answer.json()["access_token"]


@contextmanager
def made_databases(backend: str) -> Iterator[Place]:
    """Two new databases with the newest schema, dropped at the end."""
    BUILD.mkdir(exist_ok=True)
    names = {lineage: f"zhixin_bench_{os.getpid()}_{lineage}" for lineage in ("credit", "exchange")}
    with ExitStack() as stack:
        urls = {lineage: stack.enter_context(_made(backend, name)) for lineage, name in names.items()}
        for lineage, url in urls.items():
            upgrade(url, lineage)
        credit = Database(urls["credit"])
        seed_rulebook(credit, system_clock())
        credit.close()
        yield Place(backend, urls["credit"], urls["exchange"], Secrets.generate())


@contextmanager
def _made(backend: str, name: str) -> Iterator[str]:
    if backend == "sqlite":
        path = BUILD / f"{name}.sqlite3"
        try:
            yield f"sqlite:///{path}"
        finally:
            for file in BUILD.glob(f"{path.name}*"):
                file.unlink()
        return
    _administer(f"CREATE DATABASE {name}")
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _administer(statement: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(statement)


def enrol(place: Place) -> dict[str, tuple[str, str]]:
    """Enter the two agencies with their grants; answers a credential of each, by department."""
    grants = {PUSHER: [("push", "*"), ("pull", "*")], PULLER: [("pull", kind) for kind in PULLED]}
    database, issued = Database(place.exchange_url), {}
    with database.write("benchmark.enrolled") as session:
        seed_departments(session)
        for serial, (department, given) in enumerate(grants.items()):
            agency = register_agency(
                session, department=department, name=f"演示·{department}", level="province", region=PROVINCE,
                code=agency_code(serial), valid_from=SINCE,
            )  # fmt: skip
            for direction, kind in given:
                add_grant(
                    session, agency=agency, direction=direction, kind=kind, within=[PROVINCE], purpose="测量",
                    basis="测量", valid_from=SINCE,
                )  # fmt: skip
            made = issue_credential(session, place.secrets.exchange_secret, agency=agency, now=system_clock())
            issued[department] = (made.client_id, made.client_secret or "")
    database.close()
    return issued


def agency_code(serial: int) -> str:
    """The code of an agency of the run."""
    return uscc.make(f"11{PROVINCE}", f"KXB{serial:05d}")


@contextmanager
def serving(place: Place, credentials: dict[str, tuple[str, str]]) -> Iterator[Deployment]:
    """`zhixin serve`: a process for each service, on SQLite one for both; stopped at the end."""
    ports = [free_port()] if place.is_sqlite else [free_port(), free_port()]
    credit_port, exchange_port = ports[0], ports[-1]
    environment = _environment(place, credit_port, exchange_port)
    with ExitStack() as stack:
        parts = [[]] if place.is_sqlite else [["--only", "credit"], ["--only", "exchange"]]
        processes = [
            stack.enter_context(started(["serve", *part, "--port", str(port)], environment))
            for part, port in zip(parts, ports, strict=True)
        ]
        for port in ports:
            await_answer(f"http://127.0.0.1:{port}/readyz")
        yield Deployment(place, credit_port, exchange_port, processes[0].pid, credentials)


def _environment(place: Place, credit_port: int, exchange_port: int) -> dict[str, str]:
    known, issuer = place.secrets, f"http://127.0.0.1:{exchange_port}"

    def keys(pem: str) -> str:
        return json.dumps({"keys": [SigningKey.from_pem(pem).jwk]})

    credit = {
        "database_url": place.credit_url, "issuer": issuer, "secret": known.credit_secret, "service_key": known.credit_key,
        "exchange_keys": keys(known.exchange_key), "exchange_url": issuer, "log_level": "WARNING",
        "daily_firms": "1000000000",  # counted as ever, and never spent
    }  # fmt: skip
    exchange = {
        "database_url": place.exchange_url, "issuer": issuer, "secret": known.exchange_secret,
        "service_key": known.exchange_key, "credit_keys": keys(known.credit_key),
        "credit_url": f"http://127.0.0.1:{credit_port}", "state_dir": str(BUILD / "bench_uploads"),
    }  # fmt: skip
    return {f"ZHIXIN_CREDIT_{name.upper()}": value for name, value in credit.items()} | {
        f"ZHIXIN_EXCHANGE_{name.upper()}": value for name, value in exchange.items()
    }


@contextmanager
def started(command: list[str], environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[Any]]:
    """A process of the project: the `zhixin` command, or a module of the benchmarks named `-m`."""
    program = [sys.executable] if command[0] == "-m" else [str(Path(sys.executable).with_name("zhixin"))]
    log = BUILD / f"bench_{command[-1].rpartition('/')[2]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*program, *command],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=output,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    log.unlink()


def await_answer(url: str) -> None:
    """Wait until an address answers 200.

    Raises:
        TimeoutError: it did not within a minute.
    """
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass  # not listening yet
        time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer; its log is in {BUILD}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
