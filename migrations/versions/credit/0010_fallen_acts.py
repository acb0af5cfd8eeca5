"""Withdrawn record versions by enterprise: the few rows that say which acts fell."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME, WITHDRAWN = "record_version_withdrawn", sa.text("state = 'withdrawn'")


def upgrade():
    op.create_index(NAME, "record_version", ["uscc"], sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN)


def downgrade():
    op.drop_index(NAME, "record_version")
