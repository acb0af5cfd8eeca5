"""Collecting the access log: credit commits an entry before it answers, the exchange keeps it where auditors search."""

import asyncio
from typing import Final

import httpx
import msgspec
import structlog
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool

from services.exchange.context import Exchange
from services.exchange.store import access_log
from services.kernel.access_log import AccessAcknowledgement, AccessEntries, AccessEntry

CHUNK: Final = 1_000
_IDLE_SECONDS: Final = 1.0
log = structlog.get_logger(__name__)


async def collect_access_log(exchange: Exchange) -> None:
    """Carry entries from credit, for ever. Several processes may do it at once: an entry is kept once."""
    while True:
        carried = 0
        try:
            carried = await carry_access_entries(exchange)
        except httpx.HTTPError as failure:
            log.warning("access_log_waits", reason=type(failure).__name__)
        except IntegrityError:
            log.info("access_log_carried_elsewhere")  # another process kept the same entries just now
        if carried < CHUNK:
            await asyncio.sleep(_IDLE_SECONDS)


async def carry_access_entries(exchange: Exchange) -> int:
    """Carry one chunk; how many entries came.

    Raises:
        httpx.HTTPError: credit could not be reached.
    """
    answer = await exchange.credit.request("GET", "/internal/access-entries", params={"limit": CHUNK})
    answer.raise_for_status()
    entries = msgspec.json.decode(answer.content, type=AccessEntries).items
    if not entries:
        return 0
    await run_in_threadpool(_keep, exchange, entries)
    held = AccessAcknowledgement([entry.no for entry in entries])
    told = await exchange.credit.request(
        "POST", "/internal/access-entries/acknowledgements", content=msgspec.json.encode(held)
    )
    told.raise_for_status()
    return len(entries)


def _keep(exchange: Exchange, entries: list[AccessEntry]) -> None:
    with exchange.database.write("exchange.access_log_kept") as session:
        access_log.append(session, entries, exchange.clock())
