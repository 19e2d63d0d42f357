"""The audit trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(80), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
        schema="portal",
    )
    op.create_index("ix_audit_entry_account_id_id", "audit_entry", ["account_id", "id"], schema="portal")


def downgrade() -> None:
    op.drop_table("audit_entry", schema="portal")
