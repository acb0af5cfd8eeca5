"""No index over the ids of events: enterprise and version find them, and random keys were dear to keep."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_index("journal_event", "journal")


def downgrade():
    op.create_index("journal_event", "journal", ["event_id"], unique=True)
