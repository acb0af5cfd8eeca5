"""Supply quality: counts by agency, kind and day, and how far the journal is counted."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COUNTS = ("accepted", "corrected", "withdrawn", "unchanged", "held", "rejected", "measured", "late")


def upgrade():
    op.create_table(
        "supply_day",
        sa.Column("agency", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("last_at", Instant, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in COUNTS),
        *(
            sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
            for name in ("lag_days", "filled", "fillable")
        ),
    )
    position = op.create_table(
        "supply_position",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(position, [{"id": 1, "seq": 0}])


def downgrade():
    op.drop_table("supply_position")
    op.drop_table("supply_day")
