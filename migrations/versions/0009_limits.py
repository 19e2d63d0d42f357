"""Counts of what was done how often."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_count",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_limit_count"),
        schema="portal",
    )
    op.create_index("ix_limit_count_ends_at", "limit_count", ["ends_at"], schema="portal")


def downgrade() -> None:
    op.drop_table("limit_count", schema="portal")
