"""Failed logins by username and address: the counts so far begin anew."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _make(*columns):
    op.drop_table("login_attempt")
    op.create_table(
        "login_attempt",
        *columns,
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
    )
    op.create_index("login_attempt_last_at", "login_attempt", ["last_at"])


def upgrade():
    _make(sa.Column("key", sa.String(64), primary_key=True), sa.Column("succeeded_at", Instant))


def downgrade():
    _make(sa.Column("username", sa.String(64), primary_key=True))
