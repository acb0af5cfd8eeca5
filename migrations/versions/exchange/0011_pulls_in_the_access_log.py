"""Pulls in the access log: an entry of a range of the journal instead of one enterprise."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("access_log_entry") as table:
        table.alter_column("uscc", existing_type=sa.String(18), nullable=True)
        table.add_column(sa.Column("covers_after", sa.BigInteger))
        table.add_column(sa.Column("covers_through", sa.BigInteger))
        table.add_column(sa.Column("firms", sa.Integer))
        table.add_column(sa.Column("extent", sa.JSON(none_as_null=True)))


def downgrade():
    op.execute("DELETE FROM access_log_entry WHERE uscc IS NULL")
    with op.batch_alter_table("access_log_entry") as table:
        for column in ("extent", "firms", "covers_through", "covers_after"):
            table.drop_column(column)
        table.alter_column("uscc", existing_type=sa.String(18), nullable=False)
