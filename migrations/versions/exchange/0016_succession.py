"""Of what kinds of record a succession between agencies is, and which successor is the main one."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("agency_succession", sa.Column("kinds", sa.JSON, nullable=False, server_default='["*"]'))
    op.add_column(
        "agency_succession", sa.Column("is_main", sa.Boolean, nullable=False, server_default=sa.false())
    )


def downgrade():
    op.drop_column("agency_succession", "is_main")
    op.drop_column("agency_succession", "kinds")
