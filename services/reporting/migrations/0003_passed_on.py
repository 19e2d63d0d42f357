"""Since when somebody has a report, and an index of those that nobody has."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("passed_on_at", sa.DateTime(timezone=True), nullable=True), schema="reporting")
    op.create_index(
        "ix_report_late",
        "report",
        ["id"],
        schema="reporting",
        postgresql_where=sa.text("passed_on_at is null and closed_at is null"),
    )


def downgrade() -> None:
    op.drop_index("ix_report_late", "report", schema="reporting")
    op.drop_column("report", "passed_on_at", schema="reporting")
