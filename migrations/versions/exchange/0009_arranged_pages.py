"""Pages of large batches are arranged by enterprise: their window, and the places of their items."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    # pages stored before were cut in sequence: each is a window of its own
    op.add_column("batch_page", sa.Column("cut_window", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE batch_page SET cut_window = number")
    op.add_column("batch_page", sa.Column("places", sa.Text))


def downgrade():
    op.drop_column("batch_page", "places")
    op.drop_column("batch_page", "cut_window")
