"""Credentials with a beginning, a successor, a certificate and networks; failed proofs of clients."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = (
    ("active_from", Instant),
    ("successor", sa.String(40)),
    ("certificate", sa.String(43)),
    ("networks", sa.JSON(none_as_null=True)),
    ("last_failed_at", Instant),
)


def upgrade():
    for name, type_ in COLUMNS:
        op.add_column("credential", sa.Column(name, type_))
    op.add_column("credential", sa.Column("failed_attempts", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "failed_attempt",
        sa.Column("client", sa.String(64), primary_key=True),
        sa.Column("address", sa.String(45), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_failed_at", Instant, nullable=False),
    )
    op.create_index("failed_attempt_last", "failed_attempt", ["last_failed_at"])


def downgrade():
    op.drop_table("failed_attempt")
    for name in ("failed_attempts", *(name for name, _ in COLUMNS)):
        op.drop_column("credential", name)
