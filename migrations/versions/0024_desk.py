"""Saved filters, bulk acts, and who is looking at what."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_viewers()


def downgrade() -> None:
    op.drop_table("case_viewer", schema="portal")


def _make_viewers() -> None:
    """Who has which case open."""
    op.create_table(
        "case_viewer",
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("portal.case.id"), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("portal.staff_member.id"), primary_key=True),
        sa.Column("acting", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        schema="portal",
    )
    op.create_index("ix_case_viewer_seen_at", "case_viewer", ["seen_at"], schema="portal")
