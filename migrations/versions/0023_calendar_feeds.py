"""What residents were told, by which channel they want to hear, and the secret addresses of their calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

CHANNELS = "channel in ('email', 'sms', 'digest', 'none')"


def upgrade() -> None:
    _make_notices()
    _make_choices()
    _make_calendars()


def downgrade() -> None:
    for table in ("calendar_feed", "channel_choice", "notice"):
        op.drop_table(table, schema="portal")


def _make_notices() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("headline", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("channel", sa.String(6), nullable=False),
        sa.Column("told_at", moment, nullable=False),
        sa.Column("read_at", moment, nullable=True),
        sa.Column("digested_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_notice_account_id"),
        sa.UniqueConstraint("account_id", "key", name="uq_notice_account_id_key"),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_notice_channel")),
        schema="portal",
    )
    op.create_index("ix_notice_account_id_told_at_id", "notice", ["account_id", "told_at", "id"], schema="portal")
    op.create_index("ix_notice_told_at", "notice", ["told_at"], schema="portal")
    op.create_index(
        "ix_notice_unread", "notice", ["account_id"], schema="portal", postgresql_where=sa.text("read_at is null")
    )
    op.create_index(
        "ix_notice_to_digest",
        "notice",
        ["account_id"],
        schema="portal",
        postgresql_where=sa.text("channel = 'digest' and digested_at is null"),
    )


def _make_choices() -> None:
    op.create_table(
        "channel_choice",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(6), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "topic", name="pk_channel_choice"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_channel_choice_account_id"),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_channel_choice_channel")),
        schema="portal",
    )


def _make_calendars() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_calendar_feed"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_calendar_feed_account_id"),
        sa.UniqueConstraint("secret_hash", name="uq_calendar_feed_secret_hash"),
        schema="portal",
    )
