"""Where an unfinished sign-in leads is sealed: the path may hold the token of a link from a mail."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A sign-in that is under way meanwhile ends on the front page: what is not sealed is not read.
    op.alter_column("sign_in_attempt", "next_path", type_=sa.Text(), existing_nullable=False, schema="portal")


def downgrade() -> None:
    # What is sealed is longer than what it was made of. No sign-in lasts longer than an hour.
    op.execute("delete from portal.sign_in_attempt")
    op.alter_column("sign_in_attempt", "next_path", type_=sa.String(2000), existing_nullable=False, schema="portal")
