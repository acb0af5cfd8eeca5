"""Accounts of staff with their invitations and sessions, and the audit of administration, which nobody may change."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_REFUSAL = "entries of the audit are never changed"


def upgrade():
    op.create_table(
        "staff_account",
        sa.Column("username", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(30), nullable=False),
        sa.Column("agency", sa.String(64), sa.ForeignKey("agency.id"), nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("totp_sealed", sa.LargeBinary),
        sa.Column("totp_step", sa.Integer, nullable=False),
        sa.Column("invited_at", Instant, nullable=False),
        sa.Column("enrolled_at", Instant),
        sa.Column("disabled_at", Instant),
        sa.Column("last_login_at", Instant),
    )
    op.create_index("staff_account_agency", "staff_account", ["agency"])
    op.create_table(
        "staff_enrolment",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("username", sa.String(64), sa.ForeignKey("staff_account.username"), nullable=False),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("closed_at", Instant),
    )
    op.create_index("staff_enrolment_username", "staff_enrolment", ["username"])
    op.create_table(
        "staff_session",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("username", sa.String(64), sa.ForeignKey("staff_account.username"), nullable=False),
        sa.Column("token_digest", sa.LargeBinary, nullable=False),
        sa.Column("user_agent", sa.String(200), nullable=False),
        sa.Column("authenticated_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
    )
    op.create_index("staff_session_username", "staff_session", ["username"])
    op.create_index("staff_session_token_digest", "staff_session", ["token_digest"], unique=True)
    op.create_index("staff_session_expires_at", "staff_session", ["expires_at"])
    op.create_table(
        "login_attempt",
        sa.Column("username", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
    )
    op.create_index("login_attempt_last_at", "login_attempt", ["last_at"])
    op.create_table(
        "audit_entry",
        sa.Column(
            "no", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("session", sa.String(40)),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    op.create_index("audit_entry_agency", "audit_entry", ["agency", "no"])
    op.create_index("audit_entry_actor", "audit_entry", ["actor", "no"])
    _refuse_changes()


def _refuse_changes():
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{change.lower()} BEFORE {change} ON audit_entry "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def downgrade():
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_refuse()")
    for table in ("login_attempt", "staff_session", "staff_enrolment", "staff_account"):
        op.drop_table(table)
