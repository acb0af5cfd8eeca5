"""Requests of agencies for access."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "access_request",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("agency", sa.String(64), sa.ForeignKey("agency.id"), nullable=False),
        sa.Column("provider", sa.String(64), sa.ForeignKey("agency.id"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("regions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("groups", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("requested_at", Instant, nullable=False),
        sa.Column("requested_by", sa.String(64), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("is_due_estimated", sa.Boolean, nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("decision", sa.String(10)),
        sa.Column("decided_at", Instant),
        sa.Column("decided_by", sa.String(100)),
        sa.Column("reason", sa.Text),
        sa.Column("grant_id", sa.String(40)),
    )
    op.create_index("access_request_key", "access_request", ["agency", "idempotency_key"], unique=True)
    op.create_index("access_request_provider", "access_request", ["provider", "id"])


def downgrade():
    op.drop_table("access_request")
