"""A worker's databases: each lineage migrated once, and a database of its own for every test that asks for one.

On SQLite that is a copy of the template's file. On PostgreSQL it is a copy by `CREATE DATABASE … TEMPLATE`, and since
dropping one costs a checkpoint of the whole server, about a second, a copy that a test gave back is emptied and given
to the next test: its other connections are ended, every table is emptied, the rows and sequences that the migrations
leave are restored. A database whose schema the test changed (a table renamed, a right revoked, a trigger) is dropped,
and so is one after many uses or rows, before dead rows make it slow. What a test finds is what a new copy would hold;
`tests/service/test_databases.py` compares the two.
"""

import os
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from services.kernel.migrate import upgrade

POSTGRES = os.environ.get("ZHIXIN_TEST_POSTGRES") or "postgresql://postgres@127.0.0.1:5432/postgres"
USES_AT_MOST = 100
ROWS_AT_MOST = 20_000

# what a test may have changed about tables, indexes, columns, constraints, triggers, functions and rights
_SCHEMA = """
SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
  SELECT concat_ws(' ', 'class', relname, relkind, relpersistence, relacl, reloptions) AS line
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'column', attrelid::regclass, attname, atttypid, attnotnull, attisdropped)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled)
    FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat_ws(' ', 'function', proname, proacl, md5(prosrc))
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'schema', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
) AS described
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass
class Origin:
    """What a lineage's migrations leave in PostgreSQL."""

    schema: str
    tables: list[str]
    rows: dict[str, bytes]
    sequences: list[str]


@dataclass
class Kept:
    """PostgreSQL databases of one lineage that wait for the next test, and how often each was used."""

    idle: list[str] = field(default_factory=list)
    uses: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))


class Templates:
    """A worker's migrated databases, and copies of them."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.stem = f"zhixin_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
        self.made = set()
        self.count = 0
        self.origins, self.kept, self.lineages = {}, defaultdict(Kept), {}

    def copy(self, backend, lineage) -> str:
        """The address of a new database with a lineage's schema, or of an empty one."""
        if lineage and (backend, lineage) not in self.made:
            self.migrate(backend, lineage)
        if lineage and backend == "postgresql" and self.kept[lineage].idle:
            return address(self.kept[lineage].idle.pop())
        self.count += 1
        name, template = f"{self.stem}_{self.count}", f"{self.stem}_{lineage}" if lineage else None
        if lineage and backend == "postgresql":
            self.lineages[name] = lineage
        return self.create(backend, name, template)

    def migrate(self, backend, lineage) -> None:
        url = self.create(backend, f"{self.stem}_{lineage}")
        upgrade(url, lineage)
        if backend == "postgresql":
            self.origins[lineage] = describe(url)
        self.made.add((backend, lineage))

    def create(self, backend, name, template=None) -> str:
        if backend == "sqlite":
            if template:
                shutil.copyfile(self.folder / f"{template}.sqlite3", self.folder / f"{name}.sqlite3")
            return f"sqlite:///{self.folder / name}.sqlite3"
        administer(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return address(name)

    def drop(self, url) -> None:
        """Take a database back: nobody finds again what is in it."""
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            if not self.keep(parsed.database):
                administer(f"DROP DATABASE IF EXISTS {parsed.database} WITH (FORCE)")
        else:
            for path in self.folder.glob(f"{Path(parsed.database).name}*"):
                path.unlink()

    def keep(self, name) -> bool:
        """Empty a PostgreSQL database for the next test; False when it is not worth it or cannot be made as new."""
        lineage = self.lineages.get(name)
        if lineage is None:
            return False
        kept = self.kept[lineage]
        kept.uses[name] += 1
        if kept.uses[name] >= USES_AT_MOST or not restored(address(name), self.origins[lineage]):
            return False
        kept.idle.append(name)
        return True

    def drop_all(self) -> None:
        for kept in self.kept.values():
            for name in kept.idle:
                administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        for backend, lineage in self.made:
            if backend == "postgresql":
                administer(f"DROP DATABASE IF EXISTS {self.stem}_{lineage} WITH (FORCE)")


def describe(url) -> Origin:
    """What a migrated database holds before anybody used it."""
    with psycopg.connect(url) as connection:
        tables = [name for (name,) in connection.execute(_TABLES)]
        rows = {}
        for name in tables:
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as out:
                rows[name] = b"".join(bytes(part) for part in out)
        sequences = [name for (name,) in connection.execute("SELECT sequencename FROM pg_sequences")]
        schema = connection.execute(_SCHEMA).fetchone()[0]
        return Origin(schema, tables, {name: held for name, held in rows.items() if held}, sequences)


def restored(url, origin) -> bool:
    """Whether a used database is again as its migrations left it."""
    with psycopg.connect(url) as connection:
        if (
            connection.info.parameter_status("is_superuser") != "on"
        ):  # then triggers and keys cannot be passed by
            return False
        connection.execute(_END_OTHERS)
        if connection.execute(_SCHEMA).fetchone()[0] != origin.schema:
            return False
        connection.execute("SET session_replication_role = replica")
        deleted = 0
        for name in origin.tables:
            deleted += connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name))).rowcount
        for name in origin.sequences:
            connection.execute("SELECT setval(quote_ident(%s)::regclass, 1, false)", [name])
        for name, held in origin.rows.items():
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as into:
                into.write(held)
    return deleted < ROWS_AT_MOST


def address(name) -> str:
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)


def administer(statement) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(statement)
