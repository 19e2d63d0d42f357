"""Text messages, choices of channel, addresses that bounce, digests and reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_to_messages()
    _make_contact_problems()


def downgrade() -> None:
    op.drop_table("contact_problem", schema="portal")
    op.execute("delete from portal.outbound_message where channel <> 'email'")
    op.drop_index("ix_outbound_message_no_receipt", "outbound_message", schema="portal")
    op.drop_index("ix_outbound_message_line_down", "outbound_message", schema="portal")
    op.drop_index("ix_outbound_message_waiting", "outbound_message", schema="portal")
    for column in (
        "asked_at",
        "receipt_at",
        "receipt",
        "provider_id",
        "line_down",
        "retry_at",
        "tried_at",
        "channel",
    ):
        op.drop_column("outbound_message", column, schema="portal")


def _add_to_messages() -> None:
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("channel", sa.String(5), nullable=False, server_default="email"),
        sa.Column("tried_at", moment, nullable=True),
        sa.Column("retry_at", moment, nullable=True),
        sa.Column("line_down", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("receipt", sa.String(20), nullable=True),
        sa.Column("receipt_at", moment, nullable=True),
        sa.Column("asked_at", moment, nullable=True),
    ):
        op.add_column("outbound_message", column, schema="portal")
    for name in ("channel", "line_down"):
        op.alter_column("outbound_message", name, server_default=None, schema="portal")
    op.execute("update portal.outbound_message set retry_at = created_at where state = 'waiting'")
    op.create_check_constraint(
        op.f("ck_outbound_message_channel"), "outbound_message", "channel in ('email', 'sms')", schema="portal"
    )
    op.create_check_constraint(
        op.f("ck_outbound_message_receipt"),
        "outbound_message",
        "receipt in ('delivered', 'permanent-failure', 'temporary-failure', 'technical-failure')",
        schema="portal",
    )
    op.create_index(
        "ix_outbound_message_waiting",
        "outbound_message",
        ["created_at", "id"],
        schema="portal",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_outbound_message_line_down",
        "outbound_message",
        ["tried_at"],
        schema="portal",
        postgresql_where=sa.text("state = 'waiting' and line_down"),
    )
    op.create_index(
        "ix_outbound_message_no_receipt",
        "outbound_message",
        ["sent_at"],
        schema="portal",
        postgresql_where=sa.text("provider_id is not null and receipt is null"),
    )


def _make_contact_problems() -> None:
    op.create_table(
        "contact_problem",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(5), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel in ('email', 'sms')", name=op.f("ck_contact_problem_channel")),
        sa.CheckConstraint("state in ('permanent-failure')", name=op.f("ck_contact_problem_state")),
        sa.PrimaryKeyConstraint("account_id", "channel", name=op.f("pk_contact_problem")),
        schema="portal",
    )
