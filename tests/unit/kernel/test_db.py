"""Sessions: a reader cannot write, a write is whole or not at all, and an answer comes after its commit."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.kernel import problems
from services.kernel.db import Database, normalised

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(database_url):
    opened = Database(database_url)
    with opened.write("test_made") as session:
        session.connection().execute(text("CREATE TABLE cat (name text PRIMARY KEY)"))
        session.connection().execute(
            text("CREATE TABLE toy (cat text REFERENCES cat DEFERRABLE INITIALLY DEFERRED)")
        )
    yield opened
    opened.close()


def cats(database):
    with database.read() as session:
        return [name for (name,) in session.connection().execute(text("SELECT name FROM cat ORDER BY name"))]


def add(session, name):
    session.connection().execute(text("INSERT INTO cat VALUES (:name)"), {"name": name})


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO cat VALUES ('a')",
        "UPDATE cat SET name = 'b'",
        "DELETE FROM cat",
        "CREATE TABLE dog (name text)",
    ],
)
def test_the_database_refuses_a_write_on_a_reading_session(database, statement):
    with database.read() as session, pytest.raises(DBAPIError, match=r"read-only|readonly"):
        session.connection().execute(text(statement))


def test_a_reader_after_a_writer_still_cannot_write(database):
    with database.write("test_added") as session:
        add(session, "a")
    with database.read() as session, pytest.raises(DBAPIError, match=r"read-only|readonly"):
        add(session, "b")


def test_a_writer_after_a_reader_can_write(database):
    assert cats(database) == []
    with database.write("test_added") as session:
        add(session, "a")
    assert cats(database) == ["a"]


def add_and_fail(database):
    with database.write("test_failed") as session:
        add(session, "a")
        raise LookupError


def test_a_block_that_raises_leaves_nothing(database):
    with pytest.raises(LookupError):
        add_and_fail(database)
    assert cats(database) == []


def add_toy(database):
    with database.write("test_failing_commit") as session:
        add(session, "a")
        session.connection().execute(text("INSERT INTO toy VALUES ('nobody')"))


def test_a_failing_commit_raises_and_leaves_nothing(database):
    with pytest.raises(DBAPIError):
        add_toy(database)
    assert cats(database) == []


async def test_a_failing_commit_answers_500_and_not_200(database):
    app = FastAPI()
    problems.install(app)

    @app.post("/toys")
    def make_toy() -> dict[str, str]:
        add_toy(database)
        return {"made": "yes"}

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post("/toys")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")


@pytest.mark.parametrize(
    ("given", "driver"),
    [("sqlite:///a.db", "sqlite+pysqlite"), ("postgresql://h/d", "postgresql+psycopg")],
)
def test_an_address_gets_the_driver(given, driver):
    assert normalised(given).drivername == driver


def test_another_backend_is_refused():
    with pytest.raises(ValueError, match="not supported"):
        normalised("mysql://h/d")


def test_long_texts_are_compressed_quickly_where_the_database_can(database):
    if database.is_sqlite:
        pytest.skip("it compresses nothing")
    with database.write("test") as session:
        session.connection().execute(text("INSERT INTO cat VALUES (repeat('喵呜', 5000))"))
    with database.read() as session:
        connection = session.connection()
        offered = connection.exec_driver_sql(
            "SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'"
        ).scalar_one()
        used = connection.exec_driver_sql("SELECT DISTINCT pg_column_compression(name) FROM cat").scalar_one()
    assert used == ("lz4" if "lz4" in offered else "pglz")
