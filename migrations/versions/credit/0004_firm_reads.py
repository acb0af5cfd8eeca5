"""Which firms each credential asked about on a day, for daily quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "firm_read",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("client_id", sa.String(64), primary_key=True),
        sa.Column("uscc", sa.String(18), primary_key=True),
    )


def downgrade():
    op.drop_table("firm_read")
