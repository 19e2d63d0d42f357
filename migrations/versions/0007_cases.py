"""The shared ledger of what residents ask for, and the drafts of what they have not sent yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("idempotency_key", sa.String(80), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("summary", sa.String(120), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_case_account_id"),
        sa.UniqueConstraint("reference", name="uq_case_reference"),
        sa.UniqueConstraint("account_id", "idempotency_key", name="uq_case_account_id_idempotency_key"),
        schema="portal",
    )
    op.create_index("ix_case_account_id_opened_at_id", "case", ["account_id", "opened_at", "id"], schema="portal")
    op.create_index(
        "ix_case_account_id_service_opened_at_id",
        "case",
        ["account_id", "service", "opened_at", "id"],
        schema="portal",
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_event"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_case_event_case_id"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_case_event_account_id"),
        sa.CheckConstraint("kind in ('opened', 'moved')", name="ck_case_event_kind"),
        schema="portal",
    )
    op.create_index("ix_case_event_case_id_id", "case_event", ["case_id", "id"], schema="portal")
    op.create_index("ix_case_event_account_id_id", "case_event", ["account_id", "id"], schema="portal")
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("journey", sa.String(40), nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_draft_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_draft_case_id"),
        schema="portal",
    )
    op.create_index("ix_draft_account_id_updated_at_id", "draft", ["account_id", "updated_at", "id"], schema="portal")
    op.create_index("ix_draft_updated_at", "draft", ["updated_at"], schema="portal")
    op.create_index("ix_draft_case_id", "draft", ["case_id"], schema="portal")


def downgrade() -> None:
    op.drop_table("draft", schema="portal")
    op.drop_table("case_event", schema="portal")
    op.drop_table("case", schema="portal")
