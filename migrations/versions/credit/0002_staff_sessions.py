"""Sessions of staff that came over from the exchange."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "staff_session",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("token_digest", sa.LargeBinary, nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(40), nullable=False),
        sa.Column("authenticated_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
    )
    op.create_index("staff_session_token_digest", "staff_session", ["token_digest"], unique=True)
    op.create_index("staff_session_expires_at", "staff_session", ["expires_at"])


def downgrade():
    op.drop_table("staff_session")
