"""Later additions to cases: when a search job tries again, what a document was when it came, what is
reminded of when, and indexes for what is looked for by."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

FOLDED = "regexp_replace(normalize(lower(family_name), NFKD), '[\u0300-\u036f''’. -]', '', 'g')"


def upgrade() -> None:
    op.add_column(
        "case_message", sa.Column("channel", sa.String(20), nullable=False, server_default="web"), schema="portal"
    )
    op.alter_column("case_message", "channel", server_default=None, schema="portal")
    op.create_table(
        "reminder_round",
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_reminder_round"),
        schema="portal",
    )
    op.add_column("case_document", sa.Column("sent_sha256", sa.String(64), nullable=True), schema="portal")
    op.add_column("case_search", sa.Column("try_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    op.drop_index("ix_case_search_unread", "case_search", schema="portal")
    op.create_index(
        "ix_case_search_unread",
        "case_search",
        [sa.text("coalesce(try_at, opened_at)"), "case_id"],
        schema="portal",
        postgresql_where=sa.text("read_at is null"),
    )
    op.create_index("ix_case_document_owner_id", "case_document", ["owner_id"], schema="portal")
    op.create_index("ix_case_cosigning_case_id", "case_cosigning", ["case_id"], schema="portal")
    op.create_index("ix_address_postcode", "address", ["postcode"], schema="portal")
    op.create_index("ix_profile_family_name_folded", "profile", [sa.text(FOLDED)], schema="portal")
    op.create_index(
        "ix_account_unclaimed_since",
        "account",
        ["unclaimed_since"],
        schema="portal",
        postgresql_where=sa.text("unclaimed_since is not null"),
    )
    op.create_index(
        "ix_case_cosigning_due",
        "case_cosigning",
        ["expires_at", "signer_id"],
        schema="portal",
        postgresql_where=sa.text("state = 'asked'"),
    )
    _states("'asked', 'signed', 'declined', 'withdrawn', 'bounced'")


def downgrade() -> None:
    op.execute("update portal.case_cosigning set state = 'withdrawn' where state = 'bounced'")
    _states("'asked', 'signed', 'declined', 'withdrawn'")
    op.drop_index("ix_case_cosigning_due", "case_cosigning", schema="portal")
    op.drop_index("ix_account_unclaimed_since", "account", schema="portal")
    op.drop_index("ix_profile_family_name_folded", "profile", schema="portal")
    op.drop_index("ix_address_postcode", "address", schema="portal")
    op.drop_index("ix_case_cosigning_case_id", "case_cosigning", schema="portal")
    op.drop_index("ix_case_document_owner_id", "case_document", schema="portal")
    op.drop_index("ix_case_search_unread", "case_search", schema="portal")
    op.create_index(
        "ix_case_search_unread",
        "case_search",
        ["opened_at", "case_id"],
        schema="portal",
        postgresql_where=sa.text("read_at is null"),
    )
    op.drop_column("case_message", "channel", schema="portal")
    op.drop_column("case_search", "try_at", schema="portal")
    op.drop_column("case_document", "sent_sha256", schema="portal")
    op.drop_table("reminder_round", schema="portal")


def _states(known: str) -> None:
    """What may become of an invitation to sign."""
    op.drop_constraint(op.f("ck_case_cosigning_state"), "case_cosigning", schema="portal")
    op.create_check_constraint(
        op.f("ck_case_cosigning_state"), "case_cosigning", f"state in ({known})", schema="portal"
    )
