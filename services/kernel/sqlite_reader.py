"""Hot reads of an SQLite file: one read-only connection, called directly in the event loop.

A call takes microseconds; a thread for it would cost more than the query.
"""

import asyncio
import sqlite3
from pathlib import Path
from typing import Final

_PRAGMAS: Final = ("query_only=ON", "mmap_size=268435456", "cache_size=-65536")


class SQLiteReader:
    """An SQLite file that is only read; open it before the first read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file for reading; it exists by now."""
        self._connection = await asyncio.to_thread(self._connect)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, check_same_thread=False, isolation_level=None, cached_statements=64
        )
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    async def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()

    @property
    def db(self) -> sqlite3.Connection:
        """The open connection.

        Raises:
            RuntimeError: the file was not opened.
        """
        if self._connection is None:
            raise RuntimeError("the reader is not open")
        return self._connection
