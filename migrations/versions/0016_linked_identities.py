"""Identities that wait for proof of the account they belong to, and those that were moved to another provider."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity", sa.Column("moved_to", sa.String(500), nullable=True), schema="portal")
    op.add_column("identity", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    op.create_check_constraint(
        "ck_identity_moved", "identity", "moved_at is null or moved_to is not null", schema="portal"
    )
    op.create_index(
        "ix_identity_moved_at",
        "identity",
        ["moved_at"],
        schema="portal",
        postgresql_where=sa.text("moved_at is not null"),
    )
    op.create_index("ix_profile_email_lower", "profile", [sa.text("lower(email)")], schema="portal")
    op.create_index(
        "ix_verified_claim_email_lower",
        "verified_claim",
        [sa.text("lower(value)")],
        schema="portal",
        postgresql_where=sa.text("name = 'email'"),
    )
    op.create_table(
        "waiting_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(60), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("next_path", sa.String(2000), nullable=False),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_identity"),
        sa.UniqueConstraint("browser_hash", name="uq_waiting_identity_browser_hash"),
        schema="portal",
    )
    op.create_index("ix_waiting_identity_expires_at", "waiting_identity", ["expires_at"], schema="portal")
    op.create_table(
        "waiting_candidate",
        sa.Column("waiting_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(
            ["waiting_id"],
            ["portal.waiting_identity.id"],
            name="fk_waiting_candidate_waiting_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_waiting_candidate_account_id"),
        sa.PrimaryKeyConstraint("waiting_id", "account_id", name="pk_waiting_candidate"),
        schema="portal",
    )
    op.create_index("ix_waiting_candidate_account_id", "waiting_candidate", ["account_id"], schema="portal")


def downgrade() -> None:
    op.drop_table("waiting_candidate", schema="portal")
    op.drop_table("waiting_identity", schema="portal")
    op.drop_index("ix_verified_claim_email_lower", "verified_claim", schema="portal")
    op.drop_index("ix_profile_email_lower", "profile", schema="portal")
    op.drop_index("ix_identity_moved_at", "identity", schema="portal")
    op.drop_constraint("ck_identity_moved", "identity", schema="portal", type_="check")
    for name in ("moved_at", "moved_to"):
        op.drop_column("identity", name, schema="portal")
