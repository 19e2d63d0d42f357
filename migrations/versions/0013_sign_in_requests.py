"""What a sign-in asked for, and for what purpose; and that a provider may not say when it made sure of somebody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sign_in_attempt",
        sa.Column("purpose", sa.String(20), nullable=False, server_default="sign_in"),
        schema="portal",
    )
    op.add_column("sign_in_attempt", sa.Column("account_id", sa.Uuid(), nullable=True), schema="portal")
    op.add_column(
        "sign_in_attempt", sa.Column("asked", JSONB(), nullable=False, server_default=sa.text("'{}'")), schema="portal"
    )
    op.alter_column("sign_in_attempt", "purpose", server_default=None, schema="portal")
    op.alter_column("sign_in_attempt", "asked", server_default=None, schema="portal")
    op.alter_column("session", "authenticated_at", nullable=True, schema="portal")


def downgrade() -> None:
    op.execute("update portal.session set authenticated_at = created_at where authenticated_at is null")
    op.alter_column("session", "authenticated_at", nullable=False, schema="portal")
    for name in ("asked", "account_id", "purpose"):
        op.drop_column("sign_in_attempt", name, schema="portal")
