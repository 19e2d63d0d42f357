"""What offices are told and how: by which letter, so that one that comes back is known for what it was; that a report
was opened again. And by what a post is told from another that comes under the same key."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
LETTERS_OF = ("report", "update")


def upgrade() -> None:
    for table in LETTERS_OF:
        op.add_column(table, sa.Column("letter_id", sa.Uuid(), nullable=True), schema=SCHEMA)
        op.create_unique_constraint(f"uq_{table}_letter_id", table, ["letter_id"], schema=SCHEMA)
    op.add_column(
        "update", sa.Column("reopens", sa.Boolean(), nullable=False, server_default=sa.false()), schema=SCHEMA
    )
    op.alter_column("update", "reopens", server_default=None, schema=SCHEMA)
    op.add_column("report", sa.Column("posted_digest", sa.String(64), nullable=True), schema=SCHEMA)
    op.add_column("update", sa.Column("follower_id", sa.Uuid(), nullable=True), schema=SCHEMA)
    _index_what_is_on_its_way("way <> 'desk'")


def downgrade() -> None:
    _index_what_is_on_its_way("way in ('open311', 'webhook')")
    op.drop_column("update", "follower_id", schema=SCHEMA)
    op.drop_column("report", "posted_digest", schema=SCHEMA)
    op.drop_column("update", "reopens", schema=SCHEMA)
    for table in LETTERS_OF:
        op.drop_column(table, "letter_id", schema=SCHEMA)


def _index_what_is_on_its_way(ways: str) -> None:
    left = "stuck = '' and closed_at is null and account_id is not null and (sent_at is null or token is not null)"
    op.drop_index("ix_report_on_its_way", "report", schema=SCHEMA)
    op.create_index(
        "ix_report_on_its_way",
        "report",
        ["created_at", "id"],
        schema=SCHEMA,
        postgresql_where=sa.text(f"{ways} and {left}"),
    )
