"""Events of records that are shared no longer."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "unshared_event",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("unshared_from", sa.Date, nullable=False),
    )
    op.create_index("unshared_event_record", "unshared_event", ["record_id"])


def downgrade():
    op.drop_table("unshared_event")
