"""Enterprises, names, records and their versions, cards, batch pages, the outbox, rule books."""

import sqlalchemy as sa
from alembic import op

from services.kernel.db import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME_BIGRAMS = """
CREATE FUNCTION name_bigrams(folded text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(folded, place, 2)), ARRAY[]::text[])
    FROM generate_series(1, length(folded) - 1) AS place
$$
"""


def upgrade():
    op.create_table(
        "batch_page",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.Column("counts", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "page"),
    )
    op.create_table(
        "card",
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("rulebook", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("next_change_on", sa.Date(), nullable=True),
        sa.Column("next_until", sa.Date(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("next_body", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("uscc", "rulebook"),
    )
    op.create_index("ix_card_next_change_on", "card", ["next_change_on"], unique=False)
    op.create_table(
        "enterprise",
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("uscc"),
    )
    op.create_index("enterprise_organisation_code", "enterprise", [sa.text("substr(uscc, 9, 9)")])
    op.create_table(
        "enterprise_alias",
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("scheme", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("uscc", "scheme", "value"),
    )
    op.create_index("enterprise_alias_value", "enterprise_alias", ["value"], unique=False)
    op.create_table(
        "enterprise_name",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("enterprise_name_uscc", "enterprise_name", ["uscc"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("enterprise_version", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no"),
    )
    op.create_index("outbox_enterprise_version", "outbox", ["uscc", "enterprise_version"], unique=True)
    op.create_table(
        "outbox_delivery",
        sa.Column(
            "no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("epoch", sa.SmallInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("no"),
    )
    op.create_index(
        "outbox_unsent",
        "outbox_delivery",
        ["no"],
        unique=False,
        postgresql_where=sa.text("seq IS NULL"),
        sqlite_where=sa.text("seq IS NULL"),
    )
    op.create_table(
        "record",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("source_record_id", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current_version", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
    )
    op.create_index("record_enterprise", "record", ["uscc", "occurred_on"], unique=False)
    op.create_table(
        "record_version",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("assertion", sa.String(length=20), nullable=False),
        sa.Column("effect", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "version"),
    )
    op.create_table(
        "rulebook",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("activated_at", Instant(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(NAME_BIGRAMS)
        op.execute("CREATE INDEX enterprise_name_bigrams ON enterprise_name USING gin (name_bigrams(folded))")
        # rows of these are rewritten at every change of an enterprise: room on the page keeps the update in place
        op.execute("ALTER TABLE enterprise SET (fillfactor = 70)")
        op.execute("ALTER TABLE card SET (fillfactor = 70)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE enterprise_name_index USING fts5(pairs, content='', tokenize='ascii')"
        )


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE enterprise_name_index")
    for table in (
        "rulebook",
        "record_version",
        "record",
        "outbox_delivery",
        "outbox",
        "enterprise_name",
        "enterprise_alias",
        "enterprise",
        "card",
        "batch_page",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION name_bigrams")
