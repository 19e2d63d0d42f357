"""Keep what a second person signs in every language. What was asked for before is there in one, for all of them."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "update portal.case_cosigning set facts = jsonb_build_object('en', facts, 'cy', facts)"
        " where jsonb_typeof(facts) = 'array'"
    )


def downgrade() -> None:
    op.execute("update portal.case_cosigning set facts = facts -> 'en' where jsonb_typeof(facts) = 'object'")
