"""The index by which firms of one industry in one prefecture are found."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDUSTRY = {
    "sqlite": "json_extract(content, '$.details.industry_division')",
    "postgresql": "(content::json #>> '{details,industry_division}')",
}


def upgrade():
    industry = INDUSTRY[op.get_bind().dialect.name]
    op.execute(
        f"CREATE INDEX record_version_industry ON record_version ({industry}, substr(region, 1, 4))"
        " WHERE kind = 'enterprise_registration'"
    )


def downgrade():
    op.execute("DROP INDEX record_version_industry")
