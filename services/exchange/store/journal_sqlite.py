"""Reading the journal on SQLite: one read-only connection, called directly in the event loop."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec

from services.exchange.store.journal_lane import Found, HeadState, Reader, Slice
from services.kernel.sqlite_reader import SQLiteReader

_ROWS_A_STEP: Final = 2_000


class SQLiteJournal(SQLiteReader):
    """The journal in an SQLite file."""

    async def head(self) -> HeadState:
        """Where the journal stands."""
        return HeadState(*self.db.execute("SELECT epoch, seq, floor FROM journal_head").fetchone())

    async def forks(self, epoch: int) -> int | None:
        """The fork after which the epoch that followed `epoch` began."""
        row = self.db.execute("SELECT min(fork_seq) FROM journal_epoch WHERE epoch > ?", (epoch,)).fetchone()
        return row[0] if row else None

    async def page(
        self, after: int, through: int, slices: Sequence[Slice], reader: Reader, limit: int
    ) -> Sequence[Found]:
        """Events in a range that the slices allow and that are shared with the reader, in order."""
        if not slices:
            return []
        query, values = _query(", ".join(Found._fields), after, through, slices, reader)
        return [Found(*row) for row in self.db.execute(f"{query} LIMIT ?", (*values, limit))]

    async def stream(
        self, after: int, through: int, slices: Sequence[Slice], reader: Reader
    ) -> AsyncIterator[bytes]:
        """The same as lines, some thousand at a time, each step a query of its own so that no reader blocks the log."""
        while slices and after < through:
            rows = await self.page(after, through, slices, reader, _ROWS_A_STEP)
            if rows:
                yield ("\n".join(row.body for row in rows) + "\n").encode()
            if len(rows) < _ROWS_A_STEP:
                return
            after = rows[-1].seq
            await asyncio.sleep(0)


def _query(
    columns: str, after: int, through: int, slices: Sequence[Slice], reader: Reader
) -> tuple[str, list[Any]]:
    part = "(kind IN (SELECT value FROM json_each(?)) AND region IN (SELECT value FROM json_each(?)))"
    values: list[Any] = [after, through]
    for kinds, regions in slices:
        values += [msgspec.json.encode(kinds).decode(), msgspec.json.encode(regions).decode()]
    allowed = " OR ".join([part] * len(slices))
    values += [reader.on.isoformat(), reader.agency]
    return (
        (
            f"SELECT {columns} FROM journal WHERE seq > ? AND seq <= ? AND ({allowed})"
            " AND NOT EXISTS (SELECT 1 FROM unshared_event u WHERE u.seq = journal.seq"
            " AND u.unshared_from <= ? AND u.provider <> ?) ORDER BY seq"
        ),
        values,
    )
