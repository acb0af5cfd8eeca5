"""Up to which number batches were received before the exchange was restored."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("journal_head", sa.Column("batch_floor", sa.BigInteger, nullable=False, server_default="0"))


def downgrade():
    op.drop_column("journal_head", "batch_floor")
