"""`zhixin serve`, `worker` and `migrate`: a deployment whose settings come from the environment."""

import asyncio
import os
from enum import StrEnum
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from rich.console import Console

from services.credit.app import create_app as create_credit
from services.credit.service.product_filing import file_products
from services.credit.settings import CreditSettings
from services.exchange.app import WORKERS, keep_working, open_exchange
from services.exchange.app import create_app as create_exchange
from services.exchange.settings import ExchangeSettings
from services.kernel.db import Database
from services.kernel.memory import give_memory_back
from services.kernel.migrate import Lineage, is_current, upgrade
from services.kernel.telemetry import configure_logging
from services.launch.embedded import CREDIT_VARIABLE, EXCHANGE_VARIABLE
from services.launch.one_process import OneProcess

console = Console(stderr=True)


class Service(StrEnum):
    """A service that can be run by itself."""

    CREDIT = "credit"
    EXCHANGE = "exchange"


def credit_app() -> FastAPI:
    """Credit by the environment's settings, for a server that makes its own processes."""
    give_memory_back()
    settings = _credit_settings()
    configure_logging(settings.log_level)
    return create_credit(settings)


def exchange_app() -> FastAPI:
    """The exchange by the environment's settings, for a server that makes its own processes."""
    give_memory_back()
    configure_logging()
    return create_exchange(_exchange_settings())


def both_apps() -> OneProcess:
    """Both services in one process by the environment's settings."""
    give_memory_back()
    credit = _credit_settings()
    configure_logging(credit.log_level)
    return OneProcess(credit, _exchange_settings())


def serve(
    only: Annotated[
        Service | None, typer.Option(help="Only this service; both in one process when left out.")
    ] = None,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option()] = 8080,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more than one needs PostgreSQL.")] = 1,
) -> None:
    """Serve in the foreground by the settings of the environment (ZHIXIN_CREDIT_…, ZHIXIN_EXCHANGE_…)."""
    databases: dict[Lineage, str] = {}
    if only is not Service.EXCHANGE:
        databases["credit"] = _credit_settings().database_url
    if only is not Service.CREDIT:
        databases["exchange"] = _exchange_settings().database_url
    for lineage, url in databases.items():
        _require_schema(lineage, url)
        if workers > 1 and url.startswith("sqlite"):
            _refuse("SQLite takes one serving process; use --workers 1 or PostgreSQL")
    factory = {None: "both_apps", Service.CREDIT: "credit_app", Service.EXCHANGE: "exchange_app"}[only]
    uvicorn.run(
        f"services.launch.serving:{factory}", factory=True, host=host, port=port, workers=workers, log_config=None,
        access_log=False, proxy_headers=False,  # who stands behind a proxy is decided in kernel/peer.py alone
    )  # fmt: skip


def worker() -> None:
    """Do the exchange's background work without serving: batches, relay, retention."""
    give_memory_back()
    configure_logging()
    settings = _exchange_settings()
    _require_schema("exchange", settings.database_url)

    async def work() -> None:
        exchange = open_exchange(settings)
        await asyncio.gather(*(keep_working(each, exchange) for each in WORKERS))

    asyncio.run(work())


def migrate() -> None:
    """Bring both databases to the newest schema; each by its ZHIXIN_…_DATABASE_URL."""
    named: tuple[tuple[str, Lineage], ...] = ((CREDIT_VARIABLE, "credit"), (EXCHANGE_VARIABLE, "exchange"))
    found = [(os.environ[variable], lineage) for variable, lineage in named if os.environ.get(variable)]
    if not found:
        _refuse(f"neither {CREDIT_VARIABLE} nor {EXCHANGE_VARIABLE} is set")
    for url, lineage in found:
        upgrade(url, lineage)
        console.print(f"{lineage}: newest schema")
        if lineage == "credit" and (filed := _file_products(url)):
            console.print(f"credit: products of {filed} records filed")


def _file_products(url: str) -> int:
    """File the products of records that came before there were products."""
    database = Database(url)
    try:
        return file_products(database)
    finally:
        database.close()


def _credit_settings() -> CreditSettings:
    try:
        return CreditSettings()
    except ValidationError as error:
        raise _refusal(_faults(error, "ZHIXIN_CREDIT_")) from None


def _exchange_settings() -> ExchangeSettings:
    try:
        return ExchangeSettings()
    except ValidationError as error:
        raise _refusal(_faults(error, "ZHIXIN_EXCHANGE_")) from None


def _faults(error: ValidationError, prefix: str) -> str:
    # only places and reasons: the values may be secrets
    return "\n".join(
        f"{prefix}{'_'.join(map(str, found['loc'])).upper()}: {found['msg']}" for found in error.errors()
    )


def _require_schema(lineage: Lineage, url: str) -> None:
    database = Database(url)
    try:
        if not is_current(database, lineage):
            _refuse(f"the database of {lineage} is not at the newest schema: run `zhixin migrate` first")
    finally:
        database.close()


def _refuse(reason: str) -> None:
    raise _refusal(reason)


def _refusal(reason: str) -> typer.Exit:
    console.print(reason, style="red", soft_wrap=True, markup=False)
    return typer.Exit(1)
