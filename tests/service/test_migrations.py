"""The revisions make exactly the schema that the tables declare, on both databases, and may run side by side."""

import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from services.credit.tables import CreditTable
from services.exchange import tables as exchange_tables
from services.kernel.db import Database
from services.kernel.migrate import configuration, is_current, upgrade, version_table

DECLARED = {"exchange": exchange_tables.metadata, "credit": CreditTable.metadata}
LINEAGES = pytest.mark.parametrize("lineage", DECLARED)
ASIDE = (
    "enterprise_name_index",
    "enterprise_name_bigrams",
    "enterprise_organisation_code",
    "record_version_industry",
    "record_by_id",
)
"""What search keeps beside the tables, an index over an expression, which SQLite cannot be asked about, and one that only
PostgreSQL has."""


@pytest.fixture
def empty(database_url):
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def migrated(templates, backend, lineage):
    url = templates.copy(backend, lineage)
    database = Database(url)
    yield database
    database.close()
    templates.drop(url)


def is_declared(_, name, *__):
    return not name.startswith(ASIDE)


def tables_in(database):
    database.reader.dispose()
    with database.reader.connect() as connection:
        return set(inspect(connection).get_table_names())


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@LINEAGES
def test_the_revisions_make_the_declared_tables(migrated, lineage):
    options = {"version_table": version_table(lineage), "compare_type": True, "include_object": is_declared}
    with migrated.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, DECLARED[lineage]) == []


@LINEAGES
def test_an_empty_database_is_not_current(empty, lineage):
    assert not is_current(empty, lineage)


@LINEAGES
def test_a_migrated_database_is_current(migrated, lineage):
    assert is_current(migrated, lineage)


@LINEAGES
def test_going_down_takes_everything_and_up_again_makes_it(database_url, empty, lineage):
    upgrade(database_url, lineage)
    made = tables_in(empty)
    with empty.writer.begin() as connection:
        command.downgrade(configuration(lineage, connection), "base")
    assert tables_in(empty) <= {version_table(lineage)}
    upgrade(database_url, lineage)
    assert tables_in(empty) == made


def test_migrating_again_keeps_what_is_there(database_url, empty):
    upgrade(database_url, "exchange")
    with empty.writer.begin() as connection:
        connection.execute(text("UPDATE policy_version SET version = 41"))
    upgrade(database_url, "exchange")
    with empty.reader.connect() as connection:
        assert connection.execute(text("SELECT version FROM policy_version")).scalar_one() == 41


@LINEAGES
def test_of_two_processes_that_start_together_both_succeed(database_url, empty, lineage):
    program = "import sys; from services.kernel.migrate import upgrade; upgrade(sys.argv[1], sys.argv[2])"
    starters = [subprocess.Popen([sys.executable, "-c", program, database_url, lineage]) for _ in range(2)]
    assert [starter.wait(timeout=60) for starter in starters] == [0, 0]
    assert is_current(empty, lineage)


@pytest.mark.parametrize("lineage", ["credit"])
def test_going_down_takes_apart_what_the_outbox_keeps_together(migrated):
    kept = {"no": 7, "uscc": "A" * 18, "version": 3, "events": 2, "lines": "one\ntwo"}
    with migrated.writer.begin() as connection:
        columns = "no, uscc, enterprise_version, events, lines"
        values = ":no, :uscc, :version, :events, :lines"
        connection.execute(text(f"INSERT INTO outbox ({columns}) VALUES ({values})"), kept)
    with migrated.writer.begin() as connection:
        command.downgrade(configuration("credit", connection), "0017")
    with migrated.writer.connect() as connection:
        found = connection.execute(text("SELECT no, enterprise_version, event FROM outbox ORDER BY no")).all()
    assert [tuple(row) for row in found] == [(7, 3, "one"), (8, 4, "two")]
    migrated.writer.dispose()
    upgrade(migrated.url.render_as_string(hide_password=False), "credit")
    with migrated.writer.connect() as connection:
        found = connection.execute(text("SELECT no, events, lines FROM outbox ORDER BY no")).all()
    assert [tuple(row) for row in found] == [(7, 1, "one"), (8, 1, "two")]
