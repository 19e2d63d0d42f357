"""Accounts, their identities and profiles."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language in ('en', 'cy')", name="ck_account_language"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        schema="portal",
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_identity_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identity_issuer_subject"),
        schema="portal",
    )
    op.create_index("ix_identity_account_id", "identity", ["account_id"], schema="portal")
    op.create_table(
        "profile",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(100), nullable=False),
        sa.Column("family_name", sa.String(100), nullable=False),
        sa.Column("preferred_name", sa.String(100), nullable=False),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phone", sa.String(20), nullable=True),
        sa.Column("contact_by", sa.String(10), nullable=True),
        sa.Column("contact_needs", sa.String(500), nullable=False),
        sa.CheckConstraint("contact_by in ('email', 'text', 'telephone', 'letter')", name="ck_profile_contact_by"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_profile_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_profile"),
        schema="portal",
    )
    op.create_table(
        "verified_claim",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.String(500), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_verified_claim_account_id"),
        sa.PrimaryKeyConstraint("account_id", "issuer", "name", name="pk_verified_claim"),
        schema="portal",
    )
    op.create_table(
        "address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("uprn", sa.String(12), nullable=True),
        sa.Column("lines", sa.ARRAY(sa.String(100)), nullable=False),
        sa.Column("postcode", sa.String(8), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('home', 'correspondence')", name="ck_address_kind"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_address_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_address"),
        sa.UniqueConstraint("account_id", "kind", name="uq_address_account_id_kind"),
        schema="portal",
    )
    op.create_table(
        "email_change",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_email_change_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_email_change"),
        schema="portal",
    )


def downgrade() -> None:
    for table in ("email_change", "address", "verified_claim", "profile", "identity", "account"):
        op.drop_table(table, schema="portal")
