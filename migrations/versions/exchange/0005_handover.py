"""Codes by which credit opens sessions of its own for staff who are logged in to the exchange."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "handover_code",
        sa.Column("code_digest", sa.LargeBinary, primary_key=True),
        sa.Column("session", sa.String(40), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_index("handover_code_expires_at", "handover_code", ["expires_at"])


def downgrade():
    op.drop_table("handover_code")
