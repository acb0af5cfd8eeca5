"""Held items as a work queue, the decisions about them, and counterfeit leads. What is held already enters the queue, each
record as a question of its own."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = {
    "held_item_question": ["question", "state"],
    "held_item_provider": ["provider", "state", "since"],
    "held_item_state": ["state", "since"],
    "held_item_subject_decision": ["subject_decision"],
    "held_item_producer_decision": ["producer_decision"],
}


def upgrade():
    op.create_table(
        "held_item",
        sa.Column("record_id", sa.String(32), primary_key=True),
        sa.Column("question", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("held_version", sa.Integer, nullable=False),
        sa.Column("released_version", sa.Integer),
        sa.Column("prior_version", sa.Integer),
        sa.Column("prior_uscc", sa.String(18)),
        sa.Column("subject_decision", sa.String(32)),
        sa.Column("producer_decision", sa.String(32)),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "held_item", columns)
    op.create_table(
        "held_decision",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("question", sa.String(32), nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("uscc", sa.String(18)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("document_number", sa.String(200)),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("officer", sa.String(64), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("undone_at", Instant()),
        sa.Column("undone_by", sa.String(64)),
        sa.Column("undo_reason", sa.Text),
    )
    op.create_index("held_decision_question", "held_decision", ["question"])
    op.create_table(
        "counterfeit_lead",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("decision_id", sa.String(32), nullable=False, unique=True),
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("document_number", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_index("counterfeit_lead_opened", "counterfeit_lead", ["opened_at", "id"])
    op.execute(
        "INSERT INTO held_item (record_id, question, reason, state, provider, kind, region, uscc, held_version,"
        " prior_version, prior_uscc, since, step)"
        " SELECT r.record_id, r.record_id, 'producer_unconfirmed', 'waiting', r.provider, r.kind, v.region, v.uscc,"
        " r.version, r.current_version, CASE WHEN r.current_version IS NULL THEN NULL ELSE r.uscc END, v.recorded_at, 1"
        " FROM record r JOIN record_version v ON v.record_id = r.record_id AND v.version = r.version"
        " WHERE r.state = 'held'"
    )


def downgrade():
    for table in ("counterfeit_lead", "held_decision", "held_item"):
        op.drop_table(table)
