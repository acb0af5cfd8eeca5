"""Batches with their pages, and the journal with its head, epochs and leases."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "batch",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("no", sa.BigInteger, nullable=False),
        sa.Column("agency", sa.String(64), sa.ForeignKey("agency.id"), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("counts", sa.String(200)),
        sa.Column("verdicts_sha256", sa.String(64)),
        sa.Column("receipt", sa.Text),
        sa.Column("answer_status", sa.SmallInteger),
        sa.Column("answer", sa.Text),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("completed_at", Instant),
        sa.Column("claimed_until", Instant, nullable=False),
    )
    op.create_index("batch_number", "batch", ["no"], unique=True)
    op.create_index("batch_key", "batch", ["agency", "idempotency_key"], unique=True)
    op.create_index("batch_status", "batch", ["status", "no"])
    op.create_table(
        "batch_page",
        sa.Column("batch_id", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("first_index", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("verdicts", sa.Text),
        sa.Column("counts", sa.String(200)),
    )
    op.create_table(
        "journal",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("epoch", sa.SmallInteger, nullable=False),
        sa.Column("event_id", sa.String(32), nullable=False),
        sa.Column("uscc", sa.String(18)),
        sa.Column("enterprise_version", sa.Integer),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("journal_event", "journal", ["event_id"], unique=True)
    op.create_index("journal_enterprise_version", "journal", ["uscc", "enterprise_version"], unique=True)
    head = op.create_table(
        "journal_head",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.SmallInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("floor", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "epoch": 1, "seq": 0, "fence": 0, "floor": 0}])
    op.create_table(
        "journal_epoch",
        sa.Column("epoch", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("fork_seq", sa.BigInteger, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE batch_no_seq OWNED BY batch.no")


def downgrade():
    for table in ("lease", "journal_epoch", "journal_head", "journal", "batch_page", "batch"):
        op.drop_table(table)
