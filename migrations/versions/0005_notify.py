"""Messages on their way out."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbound_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("to_address", sa.String(254), nullable=False),
        sa.Column("template", sa.String(120), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(60), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'sent', 'failed', 'kept')", name="ck_outbound_message_state"),
        sa.PrimaryKeyConstraint("id", name="pk_outbound_message"),
        schema="portal",
    )
    op.create_index("ix_outbound_message_created_at_id", "outbound_message", ["created_at", "id"], schema="portal")
    op.create_index(
        "ix_outbound_message_account_id_created_at",
        "outbound_message",
        ["account_id", "created_at"],
        schema="portal",
    )


def downgrade() -> None:
    op.drop_table("outbound_message", schema="portal")
