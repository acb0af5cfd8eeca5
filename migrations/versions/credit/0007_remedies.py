"""Remedies: cases with their steps, marks of records, and answers kept under idempotency keys."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CASE_INDEXES = {
    "remedy_case_record": ["record_id"],
    "remedy_case_enterprise": ["uscc", "type", "filed_at"],
    "remedy_case_filer": ["filer", "type", "filed_at"],
    "remedy_case_provider": ["provider", "type", "filed_at"],
}


def upgrade():
    op.create_table(
        "remedy_case",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.Column("record_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("filer", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant()),
        sa.Column("rules", sa.String(40), nullable=False),
        sa.Column("term", sa.String(40)),
        sa.Column("since", sa.Date),
        sa.Column("extended", sa.Boolean, nullable=False),
        sa.Column("published_until", sa.Date),
        sa.Column("shared_until", sa.Date),
        sa.Column("used_until", sa.Date),
        sa.Column("details", sa.Text, nullable=False),
    )
    for name, columns in CASE_INDEXES.items():
        op.create_index(name, "remedy_case", columns)
    op.create_table(
        "remedy_step",
        sa.Column("case_id", sa.String(32), primary_key=True),
        sa.Column("no", sa.Integer, primary_key=True),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("enterprise_version", sa.Integer, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_table(
        "record_mark",
        sa.Column("record_id", sa.String(32), primary_key=True),
        sa.Column("disputed", sa.Boolean, nullable=False),
        sa.Column("published_until", sa.Date),
        sa.Column("shared_until", sa.Date),
        sa.Column("used_until", sa.Date),
        sa.Column("shown", sa.Text, nullable=False),
    )
    op.create_table(
        "stored_response",
        sa.Column("agency", sa.String(64), primary_key=True),
        sa.Column("route", sa.String(100), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_index("ix_stored_response_created_at", "stored_response", ["created_at"])


def downgrade():
    for table in ("stored_response", "record_mark", "remedy_step", "remedy_case"):
        op.drop_table(table)
