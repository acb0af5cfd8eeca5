"""Databases: how engines are opened, and sessions whose type says whether they may write.

SQLite is the embedded default (WAL, `synchronous=FULL`, `BEGIN IMMEDIATE`, one writer at a time in a queue);
PostgreSQL is production. `Database.read` cannot change anything: the database itself refuses. `Database.write` is one
transaction, committed before the block is left, and every commit has a name at which tests may kill the process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition
from typing import Any, Final

from sqlalchemy import DateTime, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session

from services.kernel.crashpoints import pass_by

BUSY_SECONDS: Final = 60
"""How long a writer waits for another process's write on the same SQLite file (a command beside the server)."""


CLOSING_SECONDS: Final = 10
"""How long a closing database waits for sessions in use."""


class ReadSession(Session):
    """A session that can only read; the database refuses a write on it."""


class WriteSession(Session):
    """A session inside the one transaction of a request or a job; it commits when its block ends."""


AnySession = ReadSession | WriteSession
"""What a function takes that only reads and may also serve inside a transaction."""


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC, on SQLite too, where the driver would lose the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC, without a zone where the database keeps none."""
        if value is None:
            return None
        in_utc = value.astimezone(UTC)
        return in_utc if dialect.name == "postgresql" else in_utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - signature of the base
        """Hand out aware instants only."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Database:
    """One service's database on SQLite or PostgreSQL."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url = normalised(url)
        self._idle, self._sessions = Condition(), 0
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.reader = _sqlite_engine(self.url, writable=False, pool_size=pool_size)
            self.writer = _sqlite_engine(self.url, writable=True, pool_size=1)
        else:
            self.writer = create_engine(
                self.url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True
            )
            event.listen(self.writer, "connect", _compress_quickly)
            self.reader = self.writer.execution_options(postgresql_readonly=True)

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """A session for reading only."""
        with self._in_use(), ReadSession(self.reader) as session:
            yield session

    @contextmanager
    def write(self, name: str) -> Iterator[WriteSession]:
        """One transaction with a named commit: durable once the block has ended, undone when it raises."""
        with self._in_use(), WriteSession(self.writer, expire_on_commit=False) as session:
            yield session
            pass_by(f"{name}:before_commit")
            session.commit()
            pass_by(f"{name}:after_commit")

    @property
    def driver_dsn(self) -> str:
        """The address for the asynchronous PostgreSQL driver."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(self.url.database or "")

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._idle:
            self._sessions += 1
        try:
            yield
        finally:
            with self._idle:
                self._sessions -= 1
                self._idle.notify_all()

    def close(self) -> None:
        """Give back every connection, once the threads that still work have ended their sessions: a connection that
        came back to a closed pool would stay open unseen."""
        with self._idle:
            self._idle.wait_for(lambda: self._sessions == 0, timeout=CLOSING_SECONDS)
        self.reader.dispose()
        self.writer.dispose()


def normalised(url: str) -> URL:
    """The address with the driver that Zhixin uses for its backend.

    Raises:
        ValueError: the backend is neither SQLite nor PostgreSQL.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise ValueError(
                f"database backend {other!r} is not supported; use sqlite:///… or postgresql://…"
            )


def _compress_quickly(connection: Any, _: object) -> None:
    """Have long texts compressed by LZ4 where PostgreSQL was built with it: its own way takes five times as long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(name, 'lz4', false) FROM pg_settings"
            " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
        )
    connection.commit()


def _sqlite_engine(url: URL, *, writable: bool, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0 if writable else pool_size * 4,
        pool_timeout=BUSY_SECONDS,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # pysqlite's own transaction handling would begin deferred, where two read-modify-writes deadlock
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-65536",
            "mmap_size=268435456",
            f"query_only={'OFF' if writable else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writable else "BEGIN")

    return engine
