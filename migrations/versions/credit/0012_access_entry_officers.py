"""Which officer read, as its agency says."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("access_entry", sa.Column("officer", sa.String(64)))


def downgrade():
    op.drop_column("access_entry", "officer")
