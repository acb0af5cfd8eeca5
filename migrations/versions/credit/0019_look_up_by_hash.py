"""Ids that are looked up, never compared or counted, get hash indexes; products are led by their producers.

On PostgreSQL `record` gives up the key of its own: that an id is not entered twice, the key of `record_version` sees to."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NAMED = sa.text("product_id IS NOT NULL")


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("record_product", "record")
        op.create_index(
            "record_product", "record", ["product_id"], postgresql_using="hash", postgresql_where=NAMED
        )
        op.drop_constraint("record_pkey", "record")
        op.create_index("record_by_id", "record", ["record_id"], postgresql_using="hash")
    arrange_products("uscc", "id")


def downgrade():
    arrange_products("id")
    op.create_index("product_producer", "product", ["uscc"])
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("record_by_id", "record")
        op.create_primary_key("record_pkey", "record", ["record_id"])
        op.drop_index("record_product", "record")
        op.create_index("record_product", "record", ["product_id"], postgresql_where=NAMED)


def arrange_products(*key):
    """Give `product` another key; SQLite, which can't change one, a new table."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("product_pkey", "product")
        op.create_primary_key("product_pkey", "product", list(key))
        op.execute("DROP INDEX IF EXISTS product_producer")
        return
    op.rename_table("product", "product_before")
    op.execute("DROP INDEX IF EXISTS product_producer")
    op.create_table(
        "product",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(*key),
    )
    op.execute("INSERT INTO product (id, uscc, folded) SELECT id, uscc, folded FROM product_before")
    op.drop_table("product_before")
