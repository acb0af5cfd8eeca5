"""Data queries of the platform: the record with which the one in question is compared."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME, COMPARED = "remedy_case_compared", sa.text("compared_with IS NOT NULL")


def upgrade():
    op.add_column("remedy_case", sa.Column("compared_with", sa.String(length=32), nullable=True))
    op.create_index(NAME, "remedy_case", ["uscc"], sqlite_where=COMPARED, postgresql_where=COMPARED)


def downgrade():
    op.drop_index(NAME, "remedy_case")
    op.drop_column("remedy_case", "compared_with")
