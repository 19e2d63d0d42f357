"""What residents asked the council tax system to change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "council_tax"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "asked_change",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("change", postgresql.JSONB(), nullable=False),
        sa.Column("files", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("sent_as", sa.Uuid(), nullable=False),
        sa.Column("with_officer", sa.Boolean(), nullable=False),
        sa.Column("followed_at", moment, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_asked_change_case_id"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_asked_change_account_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_asked_change"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_asked_change_account_id_created_at", "asked_change", ["account_id", "created_at"], schema=SCHEMA
    )
    op.create_index("ix_asked_change_closed_at", "asked_change", ["closed_at"], schema=SCHEMA)
    op.create_index(
        "ix_asked_change_with_officer",
        "asked_change",
        ["followed_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("with_officer and closed_at is null"),
    )


def downgrade() -> None:
    op.drop_table("asked_change", schema=SCHEMA)
