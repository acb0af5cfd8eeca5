"""Batches pushed as sheets: what they were, how they were read, and their files."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("batch", sa.Column("source", sa.Text))
    op.create_table(
        "batch_sheet",
        sa.Column("batch_id", sa.String(32), primary_key=True),
        sa.Column("reading", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "batch_file",
        sa.Column("batch_id", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def downgrade():
    op.drop_table("batch_file")
    op.drop_table("batch_sheet")
    op.drop_column("batch", "source")
