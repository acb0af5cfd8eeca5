"""Runs one lineage's migrations on the connection that `services.kernel.migrate` hands over.

A new revision: change the tables, then write the next number in `versions/credit/` or `versions/exchange/` by hand;
`tests/service/test_migrations.py` compares the tables with what the revisions make, on both databases.
"""

from alembic import context

from services.kernel.migrate import version_table

context.configure(
    connection=context.config.attributes["connection"],
    version_table=version_table(context.config.attributes["lineage"]),
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
