"""Members of staff, their sessions and rights, and what they looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ON_SESSIONS = {
    "staff_id": sa.Uuid(),
    "staff_session_id": sa.Uuid(),
    "mode": sa.String(10),
    "channel": sa.String(20),
    "identity_check": sa.String(40),
}


def upgrade() -> None:
    _make_people()
    _make_rights()
    _make_looks()
    for name, kind in ON_SESSIONS.items():
        op.add_column("session", sa.Column(name, kind, nullable=True), schema="portal")
    op.create_check_constraint(
        op.f("ck_session_mode"),
        "session",
        "mode in ('look', 'assist') and staff_id is not null or mode is null and staff_id is null",
        schema="portal",
    )
    op.create_index(
        "ix_session_staff_session_id",
        "session",
        ["staff_session_id"],
        schema="portal",
        postgresql_where=sa.text("staff_session_id is not null"),
    )
    op.add_column("account", sa.Column("unclaimed_since", sa.DateTime(timezone=True), nullable=True), schema="portal")
    _make_claim_codes()


def downgrade() -> None:
    op.drop_table("claim_code", schema="portal")
    op.drop_column("account", "unclaimed_since", schema="portal")
    op.execute("delete from portal.session where mode is not null")
    op.drop_constraint(op.f("ck_session_mode"), "session", schema="portal")
    for name in ON_SESSIONS:
        op.drop_column("session", name, schema="portal")
    for table in ("staff_look", "staff_right", "staff_session", "staff_member"):
        op.drop_table(table, schema="portal")


def _make_people() -> None:
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(60), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("groups", sa.ARRAY(sa.String(200)), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_member"),
        sa.UniqueConstraint("issuer", "subject", name="uq_staff_member_issuer_subject"),
        schema="portal",
    )
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cookie_hash", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(60), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("sid", sa.String(255), nullable=True),
        sa.Column("id_token", sa.Text(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("refresh_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_failures", sa.SmallInteger(), nullable=False),
        sa.Column("assurance", sa.SmallInteger(), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["portal.staff_member.id"], name="fk_staff_session_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_session"),
        sa.UniqueConstraint("cookie_hash", name="uq_staff_session_cookie_hash"),
        schema="portal",
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"], schema="portal")
    op.create_index("ix_staff_session_issuer_subject", "staff_session", ["issuer", "subject"], schema="portal")
    op.create_index("ix_staff_session_issuer_sid", "staff_session", ["issuer", "sid"], schema="portal")
    op.create_index("ix_staff_session_created_at", "staff_session", ["created_at"], schema="portal")


def _make_rights() -> None:
    op.create_table(
        "staff_right",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_group", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("area", sa.String(40), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("added_by", sa.String(120), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.String(120), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_staff_right"),
        schema="portal",
    )
    op.create_index(
        "uq_staff_right_in_force",
        "staff_right",
        ["staff_group", "role", "service", "type", "area", "team"],
        unique=True,
        schema="portal",
        postgresql_where=sa.text("removed_at is null"),
    )
    op.create_index("ix_staff_right_removed_at_id", "staff_right", ["removed_at", "id"], schema="portal")


def _make_looks() -> None:
    op.create_table(
        "staff_look",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_staff_look_account_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["portal.staff_member.id"], name="fk_staff_look_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_look"),
        schema="portal",
    )
    op.create_index("ix_staff_look_account_id_id", "staff_look", ["account_id", "id"], schema="portal")
    op.create_index("ix_staff_look_staff_id_case_id_id", "staff_look", ["staff_id", "case_id", "id"], schema="portal")
    op.create_index("ix_staff_look_staff_account", "staff_look", ["staff_id", "account_id", "id"], schema="portal")


def _make_claim_codes() -> None:
    op.create_table(
        "claim_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_claim_code_account_id"),
        sa.ForeignKeyConstraint(["claimed_by_id"], ["portal.account.id"], name="fk_claim_code_claimed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_claim_code"),
        sa.UniqueConstraint("code_hash", name="uq_claim_code_code_hash"),
        schema="portal",
    )
    op.create_index("ix_claim_code_account_id", "claim_code", ["account_id"], schema="portal")
    op.create_index("ix_claim_code_claimed_by_id", "claim_code", ["claimed_by_id"], schema="portal")
