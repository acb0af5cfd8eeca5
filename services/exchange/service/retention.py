"""What ends with time: the bytes of completed batches, and the serving of old changes (never the journal itself)."""

import asyncio
from datetime import timedelta
from typing import Final

from starlette.concurrency import run_in_threadpool

from services.exchange.context import Exchange
from services.exchange.store import batches, journal

_ROUND_SECONDS: Final = 600.0
_PAGES: Final = 200
_EVENTS: Final = 100_000


async def keep_retention(exchange: Exchange) -> None:
    """Look every ten minutes, for ever."""
    while True:
        forgotten = _PAGES
        while forgotten == _PAGES:
            forgotten = await run_in_threadpool(forget_bodies, exchange)
        await run_in_threadpool(raise_floor, exchange)
        await asyncio.sleep(_ROUND_SECONDS)


def forget_bodies(exchange: Exchange) -> int:
    """Delete the bytes of batches completed longer ago than they are kept; answers of how many pages."""
    before = exchange.clock() - timedelta(days=exchange.settings.raw_days)
    with exchange.database.write("exchange.bodies_forgotten") as session:
        return batches.forget_bodies(session, before, _PAGES)


def raise_floor(exchange: Exchange) -> int:
    """Serve changes no longer than they are promised; answers the last event that is not served."""
    before = exchange.clock() - timedelta(days=exchange.settings.changes_days)
    with exchange.database.write("exchange.floor_raised") as session:
        return journal.raise_floor(session, before, _EVENTS)
