"""The batch worker: goes on with every batch that nobody works on, after a crash as after a large push."""

import asyncio
from typing import Final

import httpx
import structlog
from starlette.concurrency import run_in_threadpool

from services.exchange.context import Exchange
from services.exchange.service.batches import CLAIM, process
from services.exchange.store import batches

_IDLE_SECONDS: Final = 0.25
_RETRY_SECONDS: Final = 1.0
log = structlog.get_logger(__name__)


async def work_on_batches(exchange: Exchange) -> None:
    """Work on unclaimed batches in the order of receipt, for ever."""
    while True:
        batch_id = await run_in_threadpool(_claim, exchange)
        if batch_id is None:
            await exchange.pushes.rest(_IDLE_SECONDS)
            continue
        try:
            await process(exchange, batch_id)
        except httpx.HTTPError as failure:
            log.warning("batch_waits_for_credit", batch=batch_id, reason=type(failure).__name__)
            await asyncio.sleep(_RETRY_SECONDS)


def _claim(exchange: Exchange) -> str | None:
    now = exchange.clock()
    with exchange.database.read() as session:
        if not batches.count_open(session):
            return None
    with exchange.database.write("exchange.batch_claimed") as session:
        return batches.claim_next(session, now, now + CLAIM)
