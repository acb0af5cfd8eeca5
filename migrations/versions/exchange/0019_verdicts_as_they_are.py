"""Verdicts and sealed bodies are kept as they are: pressing the one together was most of what storing them cost, and the
other can't be."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    _store("EXTERNAL")


def downgrade():
    _store("EXTENDED")


def _store(how):
    if op.get_bind().dialect.name == "postgresql":
        for column in ("verdicts", "body"):
            op.execute(f"ALTER TABLE batch_page ALTER COLUMN {column} SET STORAGE {how}")
