"""Find sessions that nobody has ended without reading those that are over."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_session_created_at_open",
        "session",
        ["created_at"],
        schema="portal",
        postgresql_where=sa.text("ended_at is null"),
    )


def downgrade() -> None:
    op.drop_index("ix_session_created_at_open", "session", schema="portal")
