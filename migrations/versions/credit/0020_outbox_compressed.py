"""The outbox compresses events where PostgreSQL has LZ4, and keeps them in the row."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OFFERED = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


def upgrade():
    connection = op.get_bind()
    # its own compression takes longer than writing the events as they are
    if connection.dialect.name == "postgresql" and connection.exec_driver_sql(OFFERED).scalar():
        op.execute("ALTER TABLE outbox ALTER COLUMN lines SET STORAGE EXTENDED")
        op.execute("ALTER TABLE outbox ALTER COLUMN lines SET COMPRESSION lz4")
        op.execute("ALTER TABLE outbox SET (toast_tuple_target = 8160)")


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox RESET (toast_tuple_target)")
        op.execute("ALTER TABLE outbox ALTER COLUMN lines SET COMPRESSION default")
        op.execute("ALTER TABLE outbox ALTER COLUMN lines SET STORAGE EXTERNAL")
