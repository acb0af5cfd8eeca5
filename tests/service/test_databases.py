"""The databases of the tests themselves: one that was used and given back is as a new one, or is not given again."""

import psycopg
import pytest

from services.kernel.db import Database
from tests.conftest import BACKENDS
from tests.databases import Templates, describe
from tests.factories import make_agency


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    if "postgresql" not in BACKENDS:
        pytest.skip("on SQLite every database is a new copy")
    made = Templates(tmp_path_factory.mktemp("own"))
    made.stem += "_own"
    yield made
    made.drop_all()


def used(url):
    """Write into a database of the exchange as tests do."""
    database = Database(url)
    make_agency(database)
    database.close()
    return url


def test_a_database_given_back_is_given_again_as_new(own):
    url = used(own.copy("postgresql", "exchange"))
    with psycopg.connect(url, autocommit=True) as left_open:
        left_open.execute("SELECT nextval('audit_entry_no_seq')")
        own.drop(url)
        assert own.copy("postgresql", "exchange") == url
        with pytest.raises(psycopg.OperationalError):
            left_open.execute("SELECT 1")
    assert describe(url) == own.origins["exchange"]
    with psycopg.connect(url) as again:
        assert again.execute("SELECT nextval('audit_entry_no_seq')").fetchone() == (1,)
    own.drop(url)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE audit_entry RENAME TO audit_entry_away",
        "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only",
        "CREATE INDEX more ON audit_entry (at)",
        "REVOKE INSERT ON audit_entry FROM PUBLIC, CURRENT_USER",
        "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    ],
)
def test_a_database_whose_schema_was_changed_is_not_given_again(own, change):
    url = own.copy("postgresql", "exchange")
    with psycopg.connect(url) as connection:
        connection.execute(change)
    own.drop(url)
    other = own.copy("postgresql", "exchange")
    assert other != url
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    own.drop(other)
