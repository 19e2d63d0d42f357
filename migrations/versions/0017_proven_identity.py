"""Only what a provider has checked counts as confirmed: `medium` may be a second factor, which vouches for no name."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "delete from portal.verified_claim where level = 'medium'"
        " and name in ('given_name', 'family_name', 'birthdate', 'address')"
    )


def downgrade() -> None:
    pass  # what nobody had checked is not brought back
