"""Hot reads on PostgreSQL: asyncpg, with single lookups that arrive together put into one query.

A lookup joins only a query that is not yet dispatched, so that it always sees every push acknowledged before it came.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import asyncpg

from services.credit.store.lane import DECISION_IN_FORCE, FileParts, Segments, StoredRecord

_ACTIVE: Final = "(SELECT id FROM rulebook WHERE active)"
_COLUMNS: Final = "c.uscc, c.valid_from, c.next_change_on, c.next_until, c.body, c.next_body"
_CARDS: Final = f"SELECT {_COLUMNS} FROM card c WHERE c.uscc = ANY($1::text[]) AND c.rulebook = {_ACTIVE}"
_FILE: Final = (
    f"SELECT {_COLUMNS}, e.name, e.region, e.registered,"
    " ARRAY(SELECT n.name FROM enterprise_name n WHERE n.uscc = e.uscc AND n.until IS NOT NULL ORDER BY n.since DESC),"
    " ARRAY(SELECT ROW(a.scheme, a.value) FROM enterprise_alias a WHERE a.uscc = e.uscc ORDER BY a.scheme, a.value),"
    " ARRAY(SELECT ROW(v.kind, v.region, v.content, m.shown) FROM record r"
    "  JOIN record_version v ON v.record_id = r.record_id AND v.version = r.current_version"
    "  LEFT JOIN record_mark m ON m.record_id = r.record_id"
    "  WHERE r.uscc = e.uscc AND r.kind = ANY($2::text[])"
    "  AND (m.shared_until IS NULL OR m.shared_until >= $4 OR r.provider = $5) ORDER BY r.occurred_on DESC, r.record_id DESC LIMIT $3),"
    f" ({DECISION_IN_FORCE.format(uscc='e.uscc', day='$4')})"
    f" FROM enterprise e JOIN card c ON c.uscc = e.uscc AND c.rulebook = {_ACTIVE} WHERE e.uscc = $1"
)
_IN_FLIGHT: Final = 2
"""Queries under way at once for single lookups: while these run, newcomers gather into the next."""


class PostgresLane:
    """The hot reads of a PostgreSQL database."""

    def __init__(self, dsn: str, *, pool_size: int = 6) -> None:
        self._dsn, self._pool_size = dsn, pool_size
        self._pool: Any = None
        self._waiting: dict[str, list[asyncio.Future[Segments | None]]] = {}
        self._in_flight = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Open the pool."""
        self._pool = await asyncpg.create_pool(
            self._dsn,
            min_size=_IN_FLIGHT,
            max_size=self._pool_size,
            server_settings={"default_transaction_read_only": "on"},
        )

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()

    async def card(self, uscc: str) -> Segments | None:
        """The card of one enterprise under the active rule book."""
        future: asyncio.Future[Segments | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(uscc, []).append(future)
        if self._in_flight < _IN_FLIGHT:
            self._dispatch()
        return await future

    def _dispatch(self) -> None:
        self._in_flight += 1
        task = asyncio.get_running_loop().create_task(self._drain())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                await self._answer(waiting)
        finally:
            self._in_flight -= 1

    async def _answer(self, waiting: dict[str, list[asyncio.Future[Segments | None]]]) -> None:
        try:
            found = await self.cards(list(waiting))
        except Exception as failure:  # noqa: BLE001 - whatever it is, each waiting caller must hear of it
            for future in (future for futures in waiting.values() for future in futures if not future.done()):
                future.set_exception(failure)
            return
        for uscc, futures in waiting.items():
            for future in futures:
                if not future.done():
                    future.set_result(found.get(uscc))

    async def cards(self, codes: Sequence[str]) -> dict[str, Segments]:
        """The cards of the known ones among many enterprises."""
        rows = await self._pool.fetch(_CARDS, codes)
        return {row[0]: Segments(*row) for row in rows}

    async def file(
        self, uscc: str, kinds: Sequence[str], limit: int, *, reader: str, on: date
    ) -> FileParts | None:
        """The parts of one enterprise's file, read by one statement."""
        row = await self._pool.fetchrow(_FILE, uscc, kinds, limit, on, reader)
        if row is None:
            return None
        *segments, name, region, registered, former, aliases, records, published = row
        return FileParts(
            segments=Segments(*segments), name=name, region=region, registered=registered, former_names=former,
            identifiers=[tuple(alias) for alias in aliases], records=[StoredRecord(*record) for record in records],
            published_grade=published,
        )  # fmt: skip
