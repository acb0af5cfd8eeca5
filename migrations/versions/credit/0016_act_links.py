"""Decisions about pairs of records, and the pairs that wait for one."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "act_link",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("first", sa.String(32), nullable=False),
        sa.Column("second", sa.String(32), nullable=False),
        sa.Column("first_act", sa.Text),
        sa.Column("second_act", sa.Text),
        sa.Column("relation", sa.String(20), nullable=False),
        sa.Column("leading_record", sa.String(32)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("officer", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("undone_by", sa.String(64)),
        sa.Column("undone_officer", sa.String(200)),
        sa.Column("undone_reason", sa.Text),
        sa.Column("undone_at", Instant()),
    )
    op.create_index("act_link_enterprise", "act_link", ["uscc", "decided_at"])
    op.create_index("act_link_decided_at", "act_link", ["decided_at", "id"])
    op.create_table(
        "act_candidate",
        sa.Column("uscc", sa.String(18), primary_key=True),
        sa.Column("first", sa.String(32), primary_key=True),
        sa.Column("second", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("grounds", sa.String(100), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
    )


def downgrade():
    op.drop_table("act_candidate")
    op.drop_table("act_link")
