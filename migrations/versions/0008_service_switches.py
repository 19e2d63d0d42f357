"""Services switched off at run time."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_switch",
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("reason_cy", sa.String(300), nullable=False),
        sa.Column("off_since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_service_switch"),
        schema="portal",
    )


def downgrade() -> None:
    op.drop_table("service_switch", schema="portal")
