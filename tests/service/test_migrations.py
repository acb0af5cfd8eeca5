"""The revisions make exactly the schema that the tables declare, on both databases, and may run side by side."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from services.exchange import tables
from services.kernel.db import Database
from services.kernel.migrate import is_current, upgrade, version_table


@pytest.fixture
def empty(database_url):
    database = Database(database_url)
    yield database
    database.close()


def test_exchange_revisions_make_the_declared_tables(exchange_database):
    with exchange_database.reader.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": version_table("exchange"), "compare_type": True}
        )
        assert compare_metadata(context, tables.metadata) == []


def test_an_empty_database_is_not_current(empty):
    assert not is_current(empty, "exchange")


def test_a_migrated_database_is_current(exchange_database):
    assert is_current(exchange_database, "exchange")


def test_migrating_again_keeps_what_is_there(database_url, empty):
    upgrade(database_url, "exchange")
    with empty.writer.begin() as connection:
        connection.execute(text("UPDATE policy_version SET version = 41"))
    upgrade(database_url, "exchange")
    with empty.reader.connect() as connection:
        assert connection.execute(text("SELECT version FROM policy_version")).scalar_one() == 41


def test_of_two_processes_that_start_together_both_succeed(database_url, empty):
    program = "import sys; from services.kernel.migrate import upgrade; upgrade(sys.argv[1], 'exchange')"
    starters = [subprocess.Popen([sys.executable, "-c", program, database_url]) for _ in range(2)]
    assert [starter.wait(timeout=60) for starter in starters] == [0, 0]
    assert is_current(empty, "exchange")
