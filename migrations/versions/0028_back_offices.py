"""What the portal knows of back offices: their health, their last good answers, what waits to be sent to them."""

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
