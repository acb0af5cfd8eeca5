"""Schema migrations: one environment, a lineage and a version table for each service.

`upgrade` is one transaction behind a lock, so that of two processes which start together one migrates and the other
finds it done, and an interrupted migration leaves nothing behind, on SQLite too.
"""

from pathlib import Path
from typing import Final, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from services.kernel.db import Database

Lineage = Literal["credit", "exchange"]
MIGRATIONS: Final = Path(__file__).resolve().parents[2] / "migrations"
_LOCK: Final = {"credit": 7_317_201, "exchange": 7_317_202}


def upgrade(url: str, lineage: Lineage) -> None:
    """Bring a service's database to the newest schema; does nothing when it has it already.

    Raises:
        ValueError: the address names no supported database.
        sqlalchemy.exc.OperationalError: the database cannot be reached.
    """
    database = Database(url)
    try:
        with database.writer.begin() as connection:  # on SQLite BEGIN IMMEDIATE, which is the lock there
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK[lineage]})
            command.upgrade(configuration(lineage, connection), "heads")
    finally:
        database.close()


def is_current(database: Database, lineage: Lineage) -> bool:
    """Whether the database has the newest schema of its lineage."""
    heads = ScriptDirectory.from_config(configuration(lineage)).get_heads()
    with database.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": version_table(lineage)})
        return set(context.get_current_heads()) == set(heads)


def version_table(lineage: Lineage) -> str:
    """The table that remembers how far a lineage has come."""
    return f"{lineage}_schema_version"


def configuration(lineage: Lineage, connection: Connection | None = None) -> Config:
    """Alembic's configuration for one lineage, on an open connection where it shall act."""
    config = Config()
    # The parser of these options takes % for the sign of a reference.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(MIGRATIONS / "versions" / lineage).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["lineage"] = lineage
    config.attributes["connection"] = connection
    return config
