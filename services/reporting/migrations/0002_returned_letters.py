"""Which letter told an office of a report: so that one that comes back is known for what it was."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def upgrade() -> None:
    op.add_column("report", sa.Column("letter_id", sa.Uuid(), nullable=True), schema=SCHEMA)
    op.create_unique_constraint("uq_report_letter_id", "report", ["letter_id"], schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("report", "letter_id", schema=SCHEMA)
