"""Daily quotas: how many distinct firms a credential may ask about in a day of China, over all processes of credit.

Asking is counted in memory, since the quick lane cannot wait for a write; a second later the count is stored, and what
other processes stored is read back.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.credit.domain.quota import Tally
from services.credit.service.context import Credit
from services.credit.store import firm_reads
from services.kernel.clock import SHANGHAI, shanghai_day
from services.kernel.problems import Problem
from services.kernel.rate_limit import RawHeaders, policy_of, refusal_headers, state_of

NAME: Final = "firms"
WINDOW: Final = 86_400
_ROUND_SECONDS: Final = 1.0
_KEPT: Final = timedelta(days=1)
log = structlog.get_logger(__name__)


class FirmQuota:
    """The tallies of one process; a limit of 0 counts nothing."""

    def __init__(self, credit: Credit) -> None:
        self._credit, self._limit = credit, credit.settings.daily_firms
        self._lock = Lock()
        self._day, self._ends = date.min, datetime.min.replace(tzinfo=UTC)
        self._policy = policy_of(NAME, self._limit, WINDOW).encode()
        self._tallies: dict[str, Tally] = {}

    def spend(self, client_id: str, codes: Iterable[str]) -> RawHeaders:
        """Count the firms that a credential asks about; what its answer says of the quota.

        Raises:
            Problem: `rate_limited` until the day in China is over.
        """
        if not self._limit:
            return []
        now = self._credit.clock()
        today = shanghai_day(now)
        with self._lock:
            if today != self._day:
                self._day, self._tallies = today, {}
                self._ends = datetime.combine(today + timedelta(days=1), datetime.min.time(), SHANGHAI)
            seconds = max(1, int((self._ends - now).total_seconds()) + 1)
            tally = self._tallies.get(client_id)
            if tally is None:
                tally = self._tallies[client_id] = Tally()
            if tally.take(codes, self._limit):
                left = state_of(NAME, tally.left(self._limit), seconds)
                return [(b"ratelimit-policy", self._policy), (b"ratelimit", left.encode())]
        log.warning("quota_spent", client_id=client_id, limit=self._limit)
        raise Problem("rate_limited", headers=refusal_headers(NAME, self._limit, WINDOW, seconds))

    def store(self) -> None:
        """Store what is counted, and learn what others have."""
        with self._lock:
            day = self._day
            taken = [(client_id, tally, frozenset(tally.fresh)) for client_id, tally in self._tallies.items()]
        if not taken:
            return
        database = self._credit.database
        if any(codes for _, _, codes in taken):
            with database.write("credit.firm_reads_stored") as session:
                for client_id, _, codes in taken:
                    firm_reads.add(session, day, client_id, codes)
                firm_reads.forget_before(session, day - _KEPT)
        with database.read() as session:
            counts = {client_id: firm_reads.count(session, day, client_id) for client_id, _, _ in taken}
        with self._lock:
            for client_id, tally, codes in taken:
                tally.note_stored(codes, counts[client_id])

    async def keep_storing(self) -> None:
        """Store every second, for ever; while the database is away, this process counts on by itself."""
        while True:
            try:
                await asyncio.to_thread(self.store)
            except SQLAlchemyError as failure:
                log.warning("quota_unstored", error=type(failure).__name__)
            await asyncio.sleep(_ROUND_SECONDS)
