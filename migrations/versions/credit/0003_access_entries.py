"""Entries of restricted reads."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "access_entry",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("route", sa.String(20), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("case_number", sa.String(100), nullable=False),
        sa.Column("groups", sa.String(200), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("sent_at", Instant),
    )
    op.create_index("access_entry_id", "access_entry", ["id"], unique=True)
    unsent = sa.text("sent_at IS NULL")
    op.create_index(
        "access_entry_unsent", "access_entry", ["no"], sqlite_where=unsent, postgresql_where=unsent
    )


def downgrade():
    op.drop_table("access_entry")
