"""Grade decisions: cycles, decisions, and the numbers of their documents."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "grade_cycle",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("industry", sa.String(10)),
        sa.Column("codes", sa.Text, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("through", sa.String(18), nullable=False),
        sa.Column("proposed", sa.Integer, nullable=False),
        sa.Column("passed_over", sa.Integer, nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
    )
    op.create_index("grade_cycle_state", "grade_cycle", ["state", "opened_at"])
    op.create_table(
        "grade_decision",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("uscc", sa.String(18), nullable=False),
        sa.Column("cycle_id", sa.String(32), nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("rulebook", sa.String(40), nullable=False),
        sa.Column("rules", sa.String(40), nullable=False),
        sa.Column("letter", sa.String(10), nullable=False),
        sa.Column("score", sa.Integer),
        sa.Column("before", sa.String(10)),
        sa.Column("is_veto", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("term", sa.String(40)),
        sa.Column("since", sa.Date),
        sa.Column("notice_number", sa.String(60)),
        sa.Column("decision_number", sa.String(60)),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("annulled_on", sa.Date),
        sa.Column("shown", sa.Text),
    )
    op.create_index("grade_decision_cycle", "grade_decision", ["cycle_id", "uscc"], unique=True)
    op.create_index("grade_decision_enterprise", "grade_decision", ["uscc", "valid_from"])
    op.create_index("grade_decision_agency", "grade_decision", ["agency", "proposed_at"])
    op.create_table(
        "document_number",
        sa.Column("agency", sa.String(64), primary_key=True),
        sa.Column("type", sa.String(30), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )


def downgrade():
    for table in ("document_number", "grade_decision", "grade_cycle"):
        op.drop_table(table)
