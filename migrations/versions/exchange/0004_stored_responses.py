"""What administrative requests with an idempotency key were answered."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "stored_response",
        sa.Column("agency", sa.String(64), sa.ForeignKey("agency.id"), primary_key=True),
        sa.Column("route", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_index("stored_response_created_at", "stored_response", ["created_at"])


def downgrade():
    op.drop_table("stored_response")
