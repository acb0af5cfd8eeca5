"""Many rows in one round trip: binary COPY and `unnest` on PostgreSQL, prepared statements on SQLite.

The same calls serve one row and ten thousand, so that a single push and a bulk push take one path. All of it happens
inside the caller's transaction. Table and column names come from code, never from input.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zlib import crc32

import msgspec
import psycopg
from psycopg.types.string import ByteaBinaryLoader
from sqlalchemy import Connection, String, Table, Text, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from services.kernel.db import AnySession, WriteSession

Row = Sequence[Any]
_FEW = 4
"""Up to so many rows, statements of their own are quicker than staging."""
_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]  # the dialect factory carries no annotations


def insert_rows(session: WriteSession, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows whose values stand in the order of `columns`; a conflict raises. A column of text takes `str`, or
    UTF-8 in every row."""
    if not rows:
        return
    names = ", ".join(columns)
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rendered = _rendered(table, columns, rows[0])
        # a text that comes as bytes would stay bytes here
        marks = ", ".join("CAST(? AS TEXT)" if name in rendered else "?" for name in columns)
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
        connection.exec_driver_sql(statement, [_plain(row) for row in rows])
        return
    _copy(connection, table.name, table, columns, rows)


def _rendered(table: Table, columns: Sequence[str], row: Row) -> frozenset[str]:
    """The columns of text whose values come as UTF-8, rendered already, in this row as in all that go with it."""
    return frozenset(
        name
        for name, value in zip(columns, row, strict=True)
        if isinstance(value, bytes) and isinstance(table.c[name].type, String)
    )


def _copy(
    connection: Connection, target: str, table: Table, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """COPY rows into a table, or into a staging table with columns of its types; a conflict raises `IntegrityError`."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a pooled connection inside a transaction is open
    statement = f"COPY {target} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            rendered = _rendered(table, columns, rows[0])
            # in the binary format a text is its bytes
            copy.set_types(["bytea" if name in rendered else _type_name(table, name) for name in columns])
            for row in rows:
                copy.write_row(row)
    except psycopg.IntegrityError as conflict:
        raise IntegrityError(statement, None, conflict) from conflict


def update_rows(
    session: WriteSession, table: Table, key: Sequence[str], columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Update rows by key; the values stand in the order of `key`, then `columns`. A column of text takes `str`, or UTF-8 in
    every row."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        rendered = _rendered(table, [*key, *columns], rows[0])
        settings = ", ".join(
            f"{name} = CAST(?{place} AS TEXT)" if name in rendered else f"{name} = ?{place}"
            for place, name in enumerate(columns, len(key) + 1)
        )
        where = " AND ".join(f"{name} = ?{place}" for place, name in enumerate(key, 1))
        connection.exec_driver_sql(
            f"UPDATE {table.name} SET {settings} WHERE {where}", [_plain(row) for row in rows]
        )
        return
    names = [*key, *columns]
    if len(rows) <= _FEW:
        rendered = _rendered(table, names, rows[0])
        settings = ", ".join(
            f"{name} = convert_from(%s, 'UTF8')" if name in rendered else f"{name} = %s" for name in columns
        )
        where = " AND ".join(f"{name} = %s" for name in key)
        statement = f"UPDATE {table.name} SET {settings} WHERE {where}"
        connection.exec_driver_sql(statement, [(*row[len(key) :], *row[: len(key)]) for row in rows])
        return
    staging = f"staged_{table.name}_{crc32(' '.join(names).encode()):08x}"
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} ON COMMIT DELETE ROWS AS"
        f" SELECT {', '.join(names)} FROM {table.name} WITH NO DATA"
    )
    used: set[str] = session.info.setdefault("staged", set())
    if staging in used:  # a second update of this transaction: the rows of the first are still staged
        connection.exec_driver_sql(f"TRUNCATE {staging}")
    used.add(staging)
    _copy(connection, staging, table, names, rows)
    settings = ", ".join(f"{name} = new.{name}" for name in columns)
    where = " AND ".join(f"{table.name}.{name} = new.{name}" for name in key)
    # rows that the planner cannot count are taken for few: it would read the whole table for some hundreds of them
    new = f"(SELECT * FROM {staging} LIMIT (SELECT {len(rows)})) AS new"
    connection.exec_driver_sql(f"UPDATE {table.name} SET {settings} FROM {new} WHERE {where}")


def select_by_key(
    session: AnySession,
    table: Table,
    key: str,
    values: Sequence[str],
    columns: Sequence[str],
    *,
    suffix: str = "",
    long_texts_as_kept: bool = False,
) -> Sequence[Row]:
    """The columns of every row whose key is among the values, in no order unless `suffix` asks for one. Texts without a
    bound may come as UTF-8, as they are kept, for who reads on from bytes."""
    if not values:
        return []
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        kept = {name for name in columns if long_texts_as_kept and isinstance(table.c[name].type, Text)}
        names = ", ".join(f"CAST({name} AS BLOB)" if name in kept else name for name in columns)
        statement = (
            f"SELECT {names} FROM {table.name} WHERE {key} IN (SELECT value FROM json_each(?)) {suffix}"
        )
        return connection.exec_driver_sql(statement, (msgspec.json.encode(values).decode(),)).all()
    statement = f"SELECT {', '.join(columns)} FROM {table.name} WHERE {key} {among()} {suffix}"
    if not long_texts_as_kept:
        return connection.exec_driver_sql(statement, (joined(values),)).all()
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a pooled connection inside a transaction is open
    with driver.cursor(binary=True) as cursor:
        cursor.adapters.register_loader("text", ByteaBinaryLoader)
        found: Sequence[Row] = cursor.execute(statement, (joined(values),)).fetchall()
        return found


def among(mark: str = "%s") -> str:
    """The condition that a key is among many, `joined`, on PostgreSQL. The inner query hides how many there are: thousands
    of them in sight would be planned as a scan of the whole table, which costs the more the larger it grows."""
    return f"IN (SELECT unnest((SELECT string_to_array({mark}, ','))))"


def select_bytes(session: AnySession, query: str, values: Row) -> Row | None:
    """The row of a query with `%s` for its values, columns of bytes as they are kept: PostgreSQL's usual answer writes
    each byte as two characters, and texts would be decoded."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql(query.replace("%s", "?"), tuple(values)).one_or_none()
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a pooled connection inside a transaction is open
    found: Row | None = driver.execute(query, values, binary=True).fetchone()
    return found


def select_texts(session: AnySession, column: str, rest: str, values: Row) -> list[bytes]:
    """One column of text as UTF-8, as it is kept, of the rows that the rest of a query finds, with `%s` for its values."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        statement = f"SELECT CAST({column} AS BLOB) {rest.replace('%s', '?')}"
        return [value for (value,) in connection.exec_driver_sql(statement, tuple(values))]
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a pooled connection inside a transaction is open
    with driver.cursor(binary=True) as cursor:
        cursor.adapters.register_loader("text", ByteaBinaryLoader)
        return [value for (value,) in cursor.execute(f"SELECT {column} {rest}", tuple(values))]


def joined(values: Iterable[str]) -> str:
    """Codes and ids as one parameter for `string_to_array(…, ',')`: many times quicker to bind than an array of text.

    Raises:
        ValueError: a value holds a comma, which no code and no id does.
    """
    values = list(values)
    text_ = ",".join(values)
    if values and text_.count(",") != len(values) - 1:
        raise ValueError("a key holds a comma")
    return text_


def take_numbers(session: WriteSession, table: Table, column: str, count: int) -> list[int]:
    """Numbers for new rows, rising, never given twice: a sequence on PostgreSQL, the next ones on SQLite."""
    if session.connection().dialect.name == "sqlite":
        last = (
            session.connection()
            .execute(text(f"SELECT coalesce(max({column}), 0) FROM {table.name}"))
            .scalar_one()
        )
        return list(range(last + 1, last + 1 + count))
    rows = session.connection().execute(
        text(f"SELECT nextval('{table.name}_{column}_seq') FROM generate_series(1, :count)"),
        {"count": count},
    )
    return [number for (number,) in rows]


def _plain(row: Row) -> tuple[Any, ...]:
    # sqlite3's own adapters for dates and instants are deprecated: their storage form is spelled out here,
    # the same that SQLAlchemy's types read and write
    return tuple(plain_value(value) for value in row)


def plain_value(value: Any) -> Any:
    """A value as SQLite stores it: instants in UTC without a zone, days as ISO text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _type_name(table: Table, column: str) -> str:
    return (
        str(table.c[column].type.compile(_POSTGRES))
        .split("(")[0]
        .lower()
        .replace("timestamp with time zone", "timestamptz")
    )
