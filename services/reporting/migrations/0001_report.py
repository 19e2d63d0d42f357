"""Reported problems."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("place", sa.String(500), nullable=False),
        sa.Column("uprn", sa.String(12), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("case_id", name="uq_report_case_id"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_report_case_id"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_report_account_id"),
        schema="reporting",
    )
    op.create_index(
        "ix_report_account_id_created_at_id", "report", ["account_id", "created_at", "id"], schema="reporting"
    )
    op.create_index("ix_report_lat_lon", "report", ["lat", "lon"], schema="reporting")
    op.create_index(
        "ix_report_category_cell",
        "report",
        ["category", "cell"],
        schema="reporting",
        postgresql_where=sa.text("closed_at is null"),
    )


def downgrade() -> None:
    op.drop_table("report", schema="reporting")
