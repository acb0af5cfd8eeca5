"""The exchange as an ASGI application: its parts are made here, once, and nowhere else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import httpx
import structlog
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from services.exchange.api.access_table import TABLE
from services.exchange.api.models import Push
from services.exchange.api.refusals import refuse_administration
from services.exchange.api.routers import routes
from services.exchange.context import Exchange
from services.exchange.service.access_log import collect_access_log
from services.exchange.service.administration import AdministrationRefused
from services.exchange.service.intake import work_on_batches
from services.exchange.service.keys import ensure_signing_keys
from services.exchange.service.policy import LivePolicy
from services.exchange.service.relay import relay_events
from services.exchange.service.retention import keep_retention
from services.exchange.service.sessions import SessionRegister
from services.exchange.service.supply import measure_supply
from services.exchange.settings import ExchangeSettings
from services.exchange.store.journal_postgres import PostgresJournal
from services.exchange.store.journal_sqlite import SQLiteJournal
from services.exchange.store.keychain import PURPOSE, KeyChain
from services.kernel import access, problems
from services.kernel.access import Authorised
from services.kernel.admission import AdmitFirst
from services.kernel.authenticator import PolicyAuthenticator
from services.kernel.background import end_tasks
from services.kernel.body_limit import BodyLimit
from services.kernel.clock import Clock, system_clock
from services.kernel.collector import keep_tidy, relax_collector
from services.kernel.db import Database
from services.kernel.openapi import operation_id
from services.kernel.parameters import StrictParameters
from services.kernel.peer import Peers
from services.kernel.sealing import Sealer
from services.kernel.service_client import ServiceClient
from services.kernel.structs import settle_all
from services.kernel.telemetry import RequestIdentity
from services.kernel.tokens import KeyRing, SigningKey

NAME: Final = "exchange"
PEER: Final = "credit"
Worker = Callable[[Exchange], Awaitable[None]]
WORKERS: Final[tuple[Worker, ...]] = (
    relay_events,
    work_on_batches,
    collect_access_log,
    keep_retention,
    measure_supply,
)
"""The background work that runs inside the process: coroutines that end only when they are cancelled."""

_READ_WHOLE: Final = ("/v1/staff", "/v1/credentials")
_READ_WHOLE_BYTES: Final = 16 << 10
_RESTART_SECONDS: Final = 1.0
log = structlog.get_logger(__name__)


def create_app(
    settings: ExchangeSettings,
    *,
    clock: Clock = system_clock,
    credit_transport: httpx.AsyncBaseTransport | None = None,
    workers: Sequence[Worker] = WORKERS,
) -> FastAPI:
    """The exchange for one set of settings; nothing is opened before it starts to serve.

    `credit_transport` reaches credit without a network, in the one-process mode and in tests.
    """
    exchange = open_exchange(settings, clock=clock, credit_transport=credit_transport)
    app = FastAPI(
        title="Zhixin exchange",
        version="1",
        routes=routes(),
        dependencies=[Authorised, StrictParameters],
        lifespan=_lifespan(exchange, workers),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=operation_id,
    )
    app.state.exchange = exchange
    app.state.body_models = (Push,)
    problems.install(app)
    app.add_exception_handler(AdministrationRefused, refuse_administration)
    app.add_middleware(BodyLimit, prefixes=_READ_WHOLE, limit=_READ_WHOLE_BYTES)
    app.add_middleware(AdmitFirst, table=TABLE)
    app.add_middleware(RequestIdentity, service=NAME)
    authenticator = PolicyAuthenticator(
        policy=exchange.policy,
        issuer=settings.issuer,
        clock=clock,
        service=NAME,
        peer=PEER,
        peer_keys=KeyRing(settings.credit_keys),
    )
    peers = Peers(settings.trusted_proxies, settings.certificate_header)
    access.install(app, TABLE, authenticator, SessionRegister(exchange.database, clock), peers)
    return app


def open_exchange(
    settings: ExchangeSettings,
    *,
    clock: Clock = system_clock,
    credit_transport: httpx.AsyncBaseTransport | None = None,
) -> Exchange:
    """The parts of an exchange, without its HTTP edge: for the application and for a worker process."""
    settle_all()
    database = Database(settings.database_url)
    return Exchange(
        settings=settings,
        database=database,
        clock=clock,
        keys=KeyChain(database, Sealer(settings.secret.get_secret_value(), PURPOSE), clock),
        policy=LivePolicy(database, clock),
        credit=ServiceClient(
            name=NAME,
            peer=PEER,
            base_url=settings.credit_url,
            key=SigningKey.from_pem(settings.service_key.get_secret_value()),
            clock=clock,
            transport=credit_transport,
        ),
        journal=SQLiteJournal(database.path) if database.is_sqlite else PostgresJournal(database.driver_dsn),
        sheet_slots=asyncio.Semaphore(settings.sheet_processes),
    )


def _lifespan(
    exchange: Exchange, workers: Sequence[Worker]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(
            ensure_signing_keys, exchange.database, exchange.sealer(PURPOSE), exchange.clock()
        )
        exchange.keys.forget()
        await exchange.journal.open()
        tasks = [asyncio.create_task(keep_working(worker, exchange)) for worker in workers]
        tasks.append(asyncio.create_task(keep_tidy()))
        relax_collector()
        try:
            yield
        finally:
            await end_tasks(tasks)
            await exchange.credit.close()
            await exchange.journal.close()
            await asyncio.to_thread(exchange.database.close)  # sessions in use may need this loop to end

    return lifespan


async def keep_working(worker: Worker, exchange: Exchange) -> None:
    """Run a worker until it is cancelled; a failure is logged and it starts again, since nothing else would notice."""
    while True:
        try:
            await worker(exchange)
        except Exception:
            log.exception("worker_failed", worker=worker.__name__)
            await asyncio.sleep(_RESTART_SECONDS)
        else:
            return
