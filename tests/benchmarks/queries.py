"""What the benchmarks ask the databases directly: how far the services are, and the bare statements that are limits."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

_UNSENT = "SELECT coalesce(sum(last_no - first_no + 1), 0) FROM outbox_delivery WHERE seq IS NULL"
_VERSION = "record_id, version, uscc, kind, region, occurred_on, assertion, effect, state, recorded_at, batch_id, content"
_EVENT = "seq, epoch, event_id, uscc, enterprise_version, kind, region, recorded_at, body"
CHUNK = 1 << 20


def connect(url: str) -> Any:
    """A connection of the driver's own, without a transaction of its own accord."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        connection = sqlite3.connect(Path(parsed.database or ""), isolation_level=None, timeout=60)
        for pragma in ("synchronous=FULL", "mmap_size=268435456", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")
        return connection
    return psycopg.connect(
        parsed.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    )


def value_of(url: str, query: str) -> Any:
    """The one value of a query."""
    with closing(connect(url)) as connection:
        return connection.execute(query).fetchone()[0]


def unsent(url: str) -> int:
    """How many events credit does not know in the journal yet."""
    return value_of(url, _UNSENT)


def settle(url: str) -> None:
    """Statistics, clean pages and an empty log, so that no measurement pays for what was before it."""
    with closing(connect(url)) as connection:
        if url.startswith("sqlite"):
            connection.execute("ANALYZE")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")


def copy_of_versions(url: str, batch: str, rows: Path) -> None:
    """Make `limit_version`, equal to `record_version` in columns, indexes and rows but for a batch's rows, and put
    those, as COPY writes them, into a file."""
    with closing(connect(url)) as connection:
        connection.execute("DROP TABLE IF EXISTS limit_version")
        connection.execute("CREATE TABLE limit_version (LIKE record_version INCLUDING ALL)")
        connection.execute(
            "INSERT INTO limit_version SELECT * FROM record_version WHERE batch_id <> %s", (batch,)
        )
        query = f"COPY (SELECT {_VERSION} FROM record_version WHERE batch_id = %s) TO STDOUT"
        with rows.open("wb") as file, connection.cursor() as cursor, cursor.copy(query, (batch,)) as copy:
            for data in copy:
                file.write(data)


def copy_seconds(url: str, batch: str, rows: Path) -> float:
    """How long COPY takes to put a file's rows into `limit_version` and commit; the rows are gone again afterwards."""
    with closing(connect(url)) as connection:
        connection.execute("CHECKPOINT")
        began = time.perf_counter()
        with (
            rows.open("rb") as file,
            connection.cursor() as cursor,
            cursor.copy(f"COPY limit_version ({_VERSION}) FROM STDIN") as copy,
        ):
            while data := file.read(CHUNK):
                copy.write(data)
        taken = time.perf_counter() - began
        connection.execute("DELETE FROM limit_version WHERE batch_id = %s", (batch,))
        connection.execute("VACUUM limit_version")
        return taken


def executemany_seconds(url: str, batch: str) -> float:
    """SQLite: how long `executemany` takes to put a batch's rows into a table equal to `record_version` but for them."""
    with closing(connect(url)) as connection:
        connection.execute("DROP TABLE IF EXISTS limit_version")
        made = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'record_version'").fetchone()[0]
        connection.execute(made.replace("record_version", "limit_version", 1))
        connection.execute(
            "INSERT INTO limit_version SELECT * FROM record_version WHERE batch_id <> ?", (batch,)
        )
        rows = connection.execute(
            f"SELECT {_VERSION} FROM record_version WHERE batch_id = ?", (batch,)
        ).fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        marks = ", ".join("?" * len(rows[0]))
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO limit_version ({_VERSION}) VALUES ({marks})", rows)
        connection.execute("COMMIT")
        taken = time.perf_counter() - began
        connection.execute("DROP TABLE limit_version")
        return taken


def drop_copy(url: str) -> None:
    """Drop `limit_version`."""
    with closing(connect(url)) as connection:
        connection.execute("DROP TABLE IF EXISTS limit_version")


def journal_seconds(url: str) -> tuple[int, float]:
    """How many events the journal has and how long the bare statement takes to hand them over to nowhere: COPY of the
    columns on PostgreSQL, the stored bytes on SQLite."""
    with closing(connect(url)) as connection:
        count = connection.execute("SELECT count(*) FROM journal").fetchone()[0]
        began = time.perf_counter()
        for _ in _handed_over(connection):
            pass
        return count, time.perf_counter() - began


def _handed_over(connection: Any) -> Iterator[Any]:
    if isinstance(connection, sqlite3.Connection):
        yield from connection.execute("SELECT body FROM journal")
        return
    with connection.cursor() as cursor, cursor.copy(f"COPY (SELECT {_EVENT} FROM journal) TO STDOUT") as copy:
        yield from copy
