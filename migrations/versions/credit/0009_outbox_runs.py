"""Events are handed out, and marked as sent, in runs: those of a transaction, which follow each other."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UNSENT = sa.text("seq IS NULL")


def upgrade():
    op.drop_index("outbox_unsent", "outbox_delivery")
    op.rename_table("outbox_delivery", "outbox_delivery_of_each")
    op.create_table(
        "outbox_delivery",
        sa.Column(
            "first_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("last_no", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.SmallInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("first_no", name="outbox_delivery_runs_pkey"),
    )
    op.execute(
        "INSERT INTO outbox_delivery (first_no, last_no, epoch, seq)"
        " SELECT no, no, epoch, seq FROM outbox_delivery_of_each"
    )
    op.drop_table("outbox_delivery_of_each")
    op.create_index(
        "outbox_unsent", "outbox_delivery", ["first_no"], postgresql_where=UNSENT, sqlite_where=UNSENT
    )


def downgrade():
    # a run cannot be told apart again without its events' numbers, which stand in the outbox
    op.drop_index("outbox_unsent", "outbox_delivery")
    op.rename_table("outbox_delivery", "outbox_delivery_of_runs")
    op.create_table(
        "outbox_delivery",
        sa.Column(
            "no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("epoch", sa.SmallInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("no", name="outbox_delivery_pkey"),
    )
    op.execute(
        "INSERT INTO outbox_delivery (no, epoch, seq) SELECT o.no, r.epoch, r.seq + o.no - r.first_no"
        " FROM outbox o JOIN outbox_delivery_of_runs r ON o.no BETWEEN r.first_no AND r.last_no"
    )
    op.drop_table("outbox_delivery_of_runs")
    op.create_index("outbox_unsent", "outbox_delivery", ["no"], postgresql_where=UNSENT, sqlite_where=UNSENT)
