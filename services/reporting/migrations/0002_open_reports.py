"""An index of the open reports of a resident."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_report_open",
        "report",
        ["account_id", "created_at", "id"],
        schema="reporting",
        postgresql_where=sa.text("closed_at is null"),
    )


def downgrade() -> None:
    op.drop_index("ix_report_open", "report", schema="reporting")
