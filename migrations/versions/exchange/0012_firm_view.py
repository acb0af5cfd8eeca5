"""What a firm is shown of the access log: officers, closed investigations, and the ways to find entries."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("access_log_entry", sa.Column("officer", sa.String(64)))
    op.create_index("access_log_entry_case", "access_log_entry", ["case_number", "at"])
    op.create_index("access_log_entry_officer", "access_log_entry", ["officer", "at"])
    op.create_index("access_log_entry_covers", "access_log_entry", ["covers_through"])
    op.create_table(
        "closed_investigation",
        sa.Column("agency", sa.String(64), primary_key=True),
        sa.Column("case_number", sa.String(100), primary_key=True),
        sa.Column("closed_at", Instant, nullable=False),
        sa.Column("closed_by", sa.String(64), nullable=False),
    )


def downgrade():
    op.drop_table("closed_investigation")
    for index in ("covers", "officer", "case"):
        op.drop_index(f"access_log_entry_{index}", "access_log_entry")
    op.drop_column("access_log_entry", "officer")
