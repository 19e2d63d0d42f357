"""Files that residents sent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delete_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_stored_file"),
        sa.UniqueConstraint("key", name="uq_stored_file_key"),
        sa.CheckConstraint("state in ('waiting', 'ready', 'refused')", name="ck_stored_file_state"),
        schema="portal",
    )
    op.create_index(
        "ix_stored_file_account_id_created_at_id",
        "stored_file",
        ["account_id", "created_at", "id"],
        schema="portal",
    )
    op.create_index(
        "ix_stored_file_delete_on",
        "stored_file",
        ["delete_on"],
        schema="portal",
        postgresql_where=sa.text("delete_on is not null"),
    )
    op.create_index(
        "ix_stored_file_waiting",
        "stored_file",
        ["created_at"],
        schema="portal",
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("stored_file", schema="portal")
