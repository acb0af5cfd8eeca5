"""The strategy of these tests.

Tests run against real databases and commit for real. Every test that takes a database gets one of its own, on SQLite
and, when one is reachable (`ZHIXIN_TEST_POSTGRES`, else the usual local address), on PostgreSQL. What makes that
quick: each worker migrates one template for each lineage, once, and a test's database is a copy of it (`tests/databases.py`).
Time is an argument: tests hold a `Clock` and set it.
Applications are called through ASGI in the same process, lifespan included; nothing of our own is replaced by a mock.

- `database_url`: an empty database · `exchange_database`, `credit_database`: migrated and empty of data
- `exchange_settings`: settings on `exchange_database` · `clock`: the settable clock
- `door`: both services in one process with six agencies (see `tests/door.py`), on `exchange_settings`
- `serve`: `async with serve(app) as client` runs an application and gives an `httpx.AsyncClient` to it
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, settings

from services.exchange.settings import ExchangeSettings
from services.kernel.db import Database
from services.kernel.tokens import SigningKey
from tests.databases import POSTGRES, Templates
from tests.door import Door, opened_door
from tests.filing import credit_settings
from tests.forgery import ISSUER

# how long an example takes says how crowded the machine is, not whether a law holds
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

SECRET = "a secret of the tests, never of a deployment"


def postgres_version() -> int | None:
    """The major version of the PostgreSQL that the tests may use; None when there is none."""
    try:
        with psycopg.connect(POSTGRES, connect_timeout=3) as connection:
            return connection.info.server_version // 10_000
    except psycopg.Error:
        return None


VERSION = postgres_version()
BACKENDS = ["sqlite", "postgresql"] if VERSION else ["sqlite"]


def pytest_report_header() -> str:
    if VERSION is None:
        return "databases: SQLite alone; no PostgreSQL is reachable (ZHIXIN_TEST_POSTGRES names one)"
    return f"databases: SQLite and PostgreSQL {VERSION}"


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    """Monday, 2026-11-23, noon in China."""
    return Clock(datetime(2026, 11, 23, 4, 0, tzinfo=UTC))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def templates(tmp_path_factory) -> Iterator[Templates]:
    made = Templates(tmp_path_factory.mktemp("databases"))
    yield made
    made.drop_all()


@pytest.fixture(params=BACKENDS)
def backend(request) -> str:
    """The database that a test runs on; both databases of a test are of one kind."""
    return request.param


@pytest.fixture
def database_url(backend, templates) -> Iterator[str]:
    """The address of an empty database."""
    url = templates.copy(backend, None)
    yield url
    templates.drop(url)


@pytest.fixture
def exchange_database(backend, templates) -> Iterator[Database]:
    """A migrated database of the exchange."""
    yield from opened(templates, backend, "exchange")


@pytest.fixture
def credit_database(backend, templates) -> Iterator[Database]:
    """A migrated database of credit."""
    yield from opened(templates, backend, "credit")


def opened(templates, backend, lineage) -> Iterator[Database]:
    database = Database(templates.copy(backend, lineage))
    yield database
    database.close()
    templates.drop(address_of(database))


def address_of(database) -> str:
    """The address of an open database, with its password."""
    return database.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def service_keys() -> dict[str, SigningKey]:
    """The keys with which the two services call each other."""
    return {"exchange": SigningKey.generate(), "credit": SigningKey.generate()}


@pytest.fixture
def exchange_settings(exchange_database, service_keys, tmp_path) -> ExchangeSettings:
    """Settings of an exchange on `exchange_database`."""
    return ExchangeSettings(
        database_url=address_of(exchange_database),
        issuer=ISSUER,
        secret=SECRET,
        service_key=service_keys["exchange"].pem,
        credit_keys={"keys": [service_keys["credit"].jwk]},
        credit_url="http://credit.test",
        state_dir=tmp_path,
    )


@pytest.fixture
def serve():
    """Runs an application with its lifespan and gives a client to it."""

    @asynccontextmanager
    async def serving(app, base_url=ISSUER):
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=base_url) as client,
        ):
            yield client

    return serving


@pytest.fixture
async def door(
    exchange_database, exchange_settings, credit_database, service_keys, clock
) -> AsyncIterator[Door]:
    """Both services, running in one process, and a client to them."""
    credit = credit_settings(address_of(credit_database), service_keys)
    async with opened_door(credit, exchange_settings, exchange_database, clock) as opened:
        yield opened
