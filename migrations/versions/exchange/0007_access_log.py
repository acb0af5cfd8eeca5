"""The collected access log."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "access_log_entry",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("route", sa.String(20), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("case_number", sa.String(100), nullable=False),
        sa.Column("groups", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("received_at", Instant, nullable=False),
    )
    op.create_index("access_log_entry_at", "access_log_entry", ["at", "id"])
    op.create_index("access_log_entry_agency", "access_log_entry", ["agency", "at"])
    op.create_index("access_log_entry_uscc", "access_log_entry", ["uscc", "at"])


def downgrade():
    op.drop_table("access_log_entry")
