"""A row of the outbox holds the events of an enterprise that follow each other in a transaction. Those that are there
stay as they are, a row each: there may be millions."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OUTBOX = sa.table("outbox", *map(sa.column, ("no", "uscc", "enterprise_version", "events", "lines")))
SEVERAL = sa.select(OUTBOX).where(OUTBOX.c.events > 1).limit(500)


def upgrade():
    op.execute("ALTER TABLE outbox RENAME COLUMN event TO lines")
    op.execute("ALTER TABLE outbox ADD COLUMN events INTEGER NOT NULL DEFAULT 1")
    if op.get_bind().dialect.name == "postgresql":
        # compressing what is read once costs more than its room
        op.execute("ALTER TABLE outbox ALTER COLUMN lines SET STORAGE EXTERNAL")


def downgrade():
    connection = op.get_bind()
    while found := connection.execute(SEVERAL).all():
        connection.execute(OUTBOX.delete().where(OUTBOX.c.no.in_([row.no for row in found])))
        each = [
            {
                "no": no + place,
                "uscc": uscc,
                "enterprise_version": version + place,
                "events": 1,
                "lines": event,
            }
            for no, uscc, version, _, lines in found
            for place, event in enumerate(lines.split("\n"))
        ]
        connection.execute(OUTBOX.insert(), each)
    op.execute("ALTER TABLE outbox DROP COLUMN events")
    op.execute("ALTER TABLE outbox RENAME COLUMN lines TO event")
    if connection.dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox ALTER COLUMN event SET STORAGE EXTENDED")
