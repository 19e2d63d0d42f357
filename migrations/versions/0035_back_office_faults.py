"""What was wrong with back offices lately, and that somebody let one be tried again."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("back_office", sa.Column("let_try_at", MOMENT, nullable=True), schema="portal")
    op.create_table(
        "back_office_fault",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("fault", sa.String(40), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_back_office_fault"),
        schema="portal",
    )
    op.create_index("ix_back_office_fault_name_id", "back_office_fault", ["name", "id"], schema="portal")
    op.create_index("ix_back_office_fault_at", "back_office_fault", ["at"], schema="portal")


def downgrade() -> None:
    op.drop_table("back_office_fault", schema="portal")
    op.drop_column("back_office", "let_try_at", schema="portal")
