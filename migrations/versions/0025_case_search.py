"""What a search at the desk finds a case by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_search",
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("portal.case.id"), primary_key=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", TSVECTOR(), nullable=False),
        schema="portal",
    )
    # Without `fastupdate`: a list of what is not yet in its place would be read whole by every search.
    op.create_index(
        "ix_case_search_words",
        "case_search",
        ["words"],
        schema="portal",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_index(
        "ix_case_search_unread",
        "case_search",
        ["opened_at", "case_id"],
        schema="portal",
        postgresql_where=sa.text("read_at is null"),
    )
    op.execute(
        "insert into portal.case_search (case_id, opened_at, facts, words)"
        " select id, opened_at, '', '' from portal.case where account_id is not null"
    )


def downgrade() -> None:
    op.drop_table("case_search", schema="portal")
