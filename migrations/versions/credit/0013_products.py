"""Products, and which of them a record in force speaks of."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAMED = sa.text("product_id IS NOT NULL")


def upgrade():
    op.create_table(
        "product",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
    )
    op.create_index("product_producer", "product", ["uscc"])
    op.add_column("record", sa.Column("product_id", sa.String(32)))
    op.create_index("record_product", "record", ["product_id"], sqlite_where=NAMED, postgresql_where=NAMED)


def downgrade():
    op.drop_index("record_product", "record")
    op.drop_column("record", "product_id")
    op.drop_table("product")
