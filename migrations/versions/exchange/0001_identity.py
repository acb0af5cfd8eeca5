"""Departments, agencies, credentials, signing keys, grants, and the policy's version."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "department",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("name_zh", sa.String(100), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
    )
    op.create_table(
        "department_succession",
        sa.Column("predecessor", sa.String(40), sa.ForeignKey("department.code"), primary_key=True),
        sa.Column("successor", sa.String(40), sa.ForeignKey("department.code"), primary_key=True),
        sa.Column("function", sa.String(200), primary_key=True),
        sa.Column("valid_from", sa.Date, nullable=False),
    )
    op.create_table(
        "agency",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("department", sa.String(40), sa.ForeignKey("department.code"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("superior", sa.String(64), sa.ForeignKey("agency.id")),
        sa.Column("uscc", sa.String(18), nullable=False, unique=True),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
    )
    op.create_table(
        "agency_succession",
        sa.Column("predecessor", sa.String(64), sa.ForeignKey("agency.id"), primary_key=True),
        sa.Column("successor", sa.String(64), sa.ForeignKey("agency.id"), primary_key=True),
        sa.Column("function", sa.String(200), primary_key=True),
        sa.Column("region", sa.String(6), primary_key=True),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "credential",
        sa.Column("client_id", sa.String(40), primary_key=True),
        sa.Column("agency", sa.String(64), sa.ForeignKey("agency.id"), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary),
        sa.Column("public_jwk", sa.JSON),
        sa.Column("scopes", sa.JSON),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant),
        sa.Column("revoked_at", Instant),
        sa.Column("last_used_at", Instant),
    )
    op.create_index("credential_agency", "credential", ["agency"])
    op.create_table(
        "seen_assertion",
        sa.Column("client_id", sa.String(40), primary_key=True),
        sa.Column("jti", sa.String(128), primary_key=True),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_index("seen_assertion_expires_at", "seen_assertion", ["expires_at"])
    op.create_table(
        "revoked_token",
        sa.Column("jti", sa.String(64), primary_key=True),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(64), primary_key=True),
        sa.Column("use", sa.String(10), nullable=False),
        sa.Column("sealed_pem", sa.LargeBinary, nullable=False),
        sa.Column("public_jwk", sa.JSON, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("active_from", Instant, nullable=False),
        sa.Column("retired_at", Instant),
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("agency", sa.String(64), sa.ForeignKey("agency.id"), nullable=False),
        sa.Column("direction", sa.String(4), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("regions", sa.JSON, nullable=False),
        sa.Column("groups", sa.JSON, nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
    )
    op.create_index("grant_agency", "grant", ["agency"])
    version = op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.bulk_insert(version, [{"id": 1, "version": 1}])


def downgrade():
    for table in (
        "policy_version", "grant", "signing_key", "revoked_token", "seen_assertion", "credential",
        "agency_succession", "agency", "department_succession", "department",
    ):  # fmt: skip
        op.drop_table(table)
