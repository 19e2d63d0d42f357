"""The days on which residents are reminded of their council tax."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "council_tax"


def upgrade() -> None:
    op.create_table(
        "day_ahead",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_day_ahead_account_id"),
        sa.PrimaryKeyConstraint("account_id", "reference", "key", name="pk_day_ahead"),
        schema=SCHEMA,
    )
    op.create_index("ix_day_ahead_on_account_id", "day_ahead", ["on", "account_id"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("day_ahead", schema=SCHEMA)
