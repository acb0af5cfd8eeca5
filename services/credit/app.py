"""The credit service as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import structlog
from fastapi import FastAPI

from services.credit.api import previews
from services.credit.api.access_table import TABLE
from services.credit.api.grade_lane import GradeLane
from services.credit.api.routers import routes
from services.credit.api.state import CreditState
from services.credit.service import grade_cycles, simulations
from services.credit.service.context import Credit
from services.credit.service.policy import PolicyMirror
from services.credit.service.quota import FirmQuota
from services.credit.service.rolling import CHUNK, roll_cards
from services.credit.service.rulebooks import seed_rulebook
from services.credit.service.staff_sessions import SessionRegister
from services.credit.settings import CreditSettings
from services.credit.store.lane import Lane
from services.credit.store.lane_postgres import PostgresLane
from services.credit.store.lane_sqlite import SQLiteLane
from services.kernel import access, calendar, problems
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
from services.kernel.sealing import derive
from services.kernel.service_client import ServiceClient
from services.kernel.structs import settle_all
from services.kernel.telemetry import RequestIdentity
from services.kernel.tokens import KeyRing, SigningKey

log = structlog.get_logger(__name__)
ROLL_SECONDS = 60.0
SIMULATE_SECONDS = 2.0
PROPOSE_SECONDS = 2.0


def create_app(
    settings: CreditSettings,
    *,
    clock: Clock = system_clock,
    exchange_transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """The application for a migrated database; `exchange_transport` replaces the network in one-process mode."""
    settle_all()
    database = Database(settings.database_url)
    credit = Credit(settings, clock, database, calendar.load(settings.calendar_dir))
    exchange = ServiceClient(
        name="credit", peer="exchange", base_url=settings.exchange_url, clock=clock, transport=exchange_transport,
        key=SigningKey.from_pem(settings.service_key.get_secret_value()),
    )  # fmt: skip
    mirror = PolicyMirror(exchange)
    lane: Lane = SQLiteLane(database.path) if database.is_sqlite else PostgresLane(database.driver_dsn)
    cursor_key, quota = derive(settings.secret.get_secret_value(), "cursors"), FirmQuota(credit)
    state = CreditState(credit, mirror.current, lane, cursor_key, exchange, quota)
    authenticator = PolicyAuthenticator(
        policy=mirror.current, issuer=settings.issuer, clock=clock, service="credit", peer="exchange",
        peer_keys=KeyRing(msgspec.json.decode(settings.exchange_keys)),
    )  # fmt: skip

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        seed_rulebook(database, clock())
        await lane.open()
        working = (
            mirror.keep_fresh(),
            _keep_rolling(credit),
            _keep_simulating(credit),
            _keep_proposing(credit),
            quota.keep_storing(),
            keep_tidy(),
        )
        tasks = [asyncio.create_task(work) for work in working]
        relax_collector()
        try:
            yield
        finally:
            await end_tasks(tasks)
            await lane.close()
            await exchange.close()
            await asyncio.to_thread(database.close)  # sessions in use may need this loop to end

    app = FastAPI(
        title="Zhixin credit service", version="1", routes=routes(), lifespan=lifespan,
        docs_url=None, redoc_url=None, openapi_url=None,
        dependencies=[Authorised, StrictParameters], generate_unique_id_function=operation_id,
    )  # fmt: skip
    app.state.credit = state
    app.state.body_models = ()
    problems.install(app)
    peers = Peers(settings.trusted_proxies, settings.certificate_header)
    access.install(app, TABLE, authenticator, SessionRegister(credit, mirror.current), peers)
    app.add_middleware(BodyLimit, prefixes=("/v1/sessions",), limit=16 << 10)
    app.add_middleware(BodyLimit, prefixes=(previews.ROUTE,), limit=256 << 10)
    app.add_middleware(AdmitFirst, table=TABLE)
    app.add_middleware(RequestIdentity, service="credit")
    app.add_middleware(GradeLane, state=state, guard=app.state.guard)  # added last, it stands outermost
    return app


async def _keep_rolling(credit: Credit) -> None:
    """Move cards on for ever; a failure is logged and tried again, since reads do not depend on it."""
    while True:
        rolled = 0
        try:
            rolled = await asyncio.to_thread(roll_cards, credit)
        except Exception:
            log.exception("card_rolling_failed")
        await asyncio.sleep(0 if rolled == CHUNK else ROLL_SECONDS)


async def _keep_simulating(credit: Credit) -> None:
    """Carry out simulations of rule books, one after another; a failed one is taken up again later."""
    while True:
        try:
            worked = await asyncio.to_thread(simulations.work, credit)
        except Exception:
            worked = False
            log.exception("simulation_failed")
        await asyncio.sleep(0 if worked else SIMULATE_SECONDS)


async def _keep_proposing(credit: Credit) -> None:
    """Propose the decisions of cycles, some firms at a time; a failed step is taken again later."""
    while True:
        try:
            worked = await asyncio.to_thread(grade_cycles.work, credit)
        except Exception:
            worked = False
            log.exception("grade_cycle_failed")
        await asyncio.sleep(0 if worked else PROPOSE_SECONDS)
