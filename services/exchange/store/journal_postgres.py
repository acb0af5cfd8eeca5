"""Reading the journal on PostgreSQL: asyncpg for pages, COPY for streams.

COPY's text format would double the backslashes of JSON; its CSV format with quote and delimiter that JSON text cannot
hold leaves every byte as it is stored.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg

from services.exchange.store.journal_lane import Found, HeadState, Reader, Slice

_CHUNKS_AHEAD: Final = 64


class PostgresJournal:
    """The journal in a PostgreSQL database."""

    def __init__(self, dsn: str, *, pool_size: int = 6) -> None:
        self._dsn, self._pool_size = dsn, pool_size
        self._pool: Any = None

    async def open(self) -> None:
        """Open the pool."""
        self._pool = await asyncpg.create_pool(
            self._dsn,
            min_size=1,
            max_size=self._pool_size,
            server_settings={"default_transaction_read_only": "on"},
        )

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()

    async def head(self) -> HeadState:
        """Where the journal stands."""
        return HeadState(*await self._pool.fetchrow("SELECT epoch, seq, floor FROM journal_head"))

    async def forks(self, epoch: int) -> int | None:
        """The fork after which the epoch that followed `epoch` began."""
        fork: int | None = await self._pool.fetchval(
            "SELECT min(fork_seq) FROM journal_epoch WHERE epoch > $1", epoch
        )
        return fork

    async def page(
        self, after: int, through: int, slices: Sequence[Slice], reader: Reader, limit: int
    ) -> Sequence[Found]:
        """Events in a range that the slices allow and that are shared with the reader, in order."""
        if not slices:
            return []
        query, values = _query(", ".join(Found._fields), after, through, slices, reader)
        rows = await self._pool.fetch(f"{query} LIMIT ${len(values) + 1}", *values, limit)
        return [Found(*row) for row in rows]

    async def stream(
        self, after: int, through: int, slices: Sequence[Slice], reader: Reader
    ) -> AsyncIterator[bytes]:
        """The same as lines, as COPY hands them over; a slow reader slows the server down, not our memory."""
        if not slices or after >= through:
            return
        query, values = _query("body", after, through, slices, reader)
        chunks: asyncio.Queue[bytes | None] = asyncio.Queue(_CHUNKS_AHEAD)
        async with self._pool.acquire() as connection:
            copying = asyncio.create_task(_copy(connection, query, values, chunks))
            try:
                while (chunk := await chunks.get()) is not None:
                    yield chunk
                await copying
            finally:
                copying.cancel()
                with suppress(asyncio.CancelledError):
                    await copying


async def _copy(
    connection: Any, query: str, values: Sequence[Any], chunks: "asyncio.Queue[bytes | None]"
) -> None:
    async def keep(chunk: bytes | bytearray) -> None:
        # the driver hands over a bytearray where a row came in several reads; Starlette would take that for text
        await chunks.put(bytes(chunk))

    copying = connection.copy_from_query(
        query, *values, output=keep, format="csv", delimiter="\x02", quote="\x01", encoding="utf-8"
    )
    try:
        await copying
    except asyncio.CancelledError:
        raise  # the reader has gone: nobody takes what is put into the queue any more
    except BaseException:
        await chunks.put(None)
        raise
    await chunks.put(None)


def _query(
    columns: str, after: int, through: int, slices: Sequence[Slice], reader: Reader
) -> tuple[str, list[Any]]:
    parts, values = [], [after, through]  # type: tuple[list[str], list[Any]]
    for kinds, regions in slices:
        parts.append(f"(kind = ANY(${len(values) + 1}::text[]) AND region = ANY(${len(values) + 2}::text[]))")
        values += [list(kinds), list(regions)]
    values += [reader.on, reader.agency]
    return (
        (
            f"SELECT {columns} FROM journal WHERE seq > $1 AND seq <= $2 AND ({' OR '.join(parts)})"
            " AND NOT EXISTS (SELECT 1 FROM unshared_event u WHERE u.seq = journal.seq"
            f" AND u.unshared_from <= ${len(values) - 1} AND u.provider <> ${len(values)}) ORDER BY seq"
        ),
        values,
    )
