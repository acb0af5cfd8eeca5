"""What ends with time: the bytes of completed batches, the serving of old changes (never the journal itself), and
what administration leaves behind: sessions that are long over, answers of old keys."""

import asyncio
from datetime import timedelta
from typing import Final

from starlette.concurrency import run_in_threadpool

from services.exchange.context import Exchange
from services.exchange.store import batches, journal, responses, sheets, staff

_ROUND_SECONDS: Final = 600.0
_PAGES: Final = 200
_EVENTS: Final = 100_000
_SESSIONS_KEPT: Final = timedelta(days=30)
_RESPONSES_KEPT: Final = timedelta(days=90)


async def keep_retention(exchange: Exchange) -> None:
    """Look every ten minutes, for ever."""
    while True:
        forgotten = _PAGES
        while forgotten == _PAGES:
            forgotten = await run_in_threadpool(forget_bodies, exchange)
        await run_in_threadpool(raise_floor, exchange)
        await run_in_threadpool(forget_sessions, exchange)
        await asyncio.sleep(_ROUND_SECONDS)


def forget_bodies(exchange: Exchange) -> int:
    """Delete the bytes of batches completed longer ago than they are kept; answers of how many pages."""
    before = exchange.clock() - timedelta(days=exchange.settings.raw_days)
    with exchange.database.write("exchange.bodies_forgotten") as session:
        return max(
            batches.forget_bodies(session, before, _PAGES), sheets.forget_files(session, before, _PAGES)
        )


def raise_floor(exchange: Exchange) -> int:
    """Serve changes no longer than they are promised; answers the last event that is not served."""
    before = exchange.clock() - timedelta(days=exchange.settings.changes_days)
    with exchange.database.write("exchange.floor_raised") as session:
        return journal.raise_floor(session, before, _EVENTS)


def forget_sessions(exchange: Exchange) -> None:
    """Delete sessions that came of age long ago, old counts of failed logins, and answers of old idempotency keys; the
    audit keeps who was in and who did what."""
    now = exchange.clock()
    with exchange.database.write("exchange.sessions_forgotten") as session:
        staff.forget_old(session, now, now - _SESSIONS_KEPT)
        responses.forget_responses(session, now - _RESPONSES_KEPT)
