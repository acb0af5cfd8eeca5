"""Mergers, splits, successions and branches, and to whom the code of a firm that ceased points."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("enterprise", sa.Column("succeeded_by", sa.String(200)))
    op.create_table(
        "restructuring",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("type", sa.String(12), nullable=False),
        sa.Column("continues", sa.Boolean, nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("document_number", sa.String(200), nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("officer", sa.String(64), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("undone_at", Instant()),
        sa.Column("undone_by", sa.String(64)),
        sa.Column("undo_reason", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("restructuring_recorded", "restructuring", ["recorded_at", "id"])
    op.create_table(
        "restructuring_party",
        sa.Column("act_id", sa.String(32), primary_key=True),
        sa.Column("uscc", sa.String(18), primary_key=True),
        sa.Column("is_first", sa.Boolean, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
    )
    op.create_index("restructuring_party_uscc", "restructuring_party", ["uscc"])


def downgrade():
    for table in ("restructuring_party", "restructuring"):
        op.drop_table(table)
    op.drop_column("enterprise", "succeeded_by")
