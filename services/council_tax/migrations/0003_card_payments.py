"""Card payments for council tax, from the moment the money is ours until the council's system has booked them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "council_tax"


def upgrade() -> None:
    op.create_table(
        "card_payment",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("pence", sa.Integer(), nullable=False),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("sent_as", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_card_payment_account_id"),
        sa.PrimaryKeyConstraint("line_id", name="pk_card_payment"),
        sa.CheckConstraint("refunded between 0 and pence", name="ck_card_payment_refunded"),
        schema=SCHEMA,
    )
    op.create_index("ix_card_payment_account_id", "card_payment", ["account_id"], schema=SCHEMA)
    op.create_index("ix_card_payment_ended_at", "card_payment", ["ended_at"], schema=SCHEMA)
    op.create_index(
        "ix_card_payment_sent",
        "card_payment",
        ["reference", "made_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("state = 'sent'"),
    )


def downgrade() -> None:
    op.drop_table("card_payment", schema=SCHEMA)
