"""Reports with their photos, what is said on them, who follows them, guests, and the keys of programs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.String(length=20)), nullable=False),
        sa.Column("office", sa.String(length=40), nullable=True),
        sa.Column("posts_an_hour", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("scopes <@ array['report', 'update', 'status']::varchar[]", name="ck_api_key_scopes"),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("key_hash", name="uq_api_key_key_hash"),
        sa.UniqueConstraint("name", name="uq_api_key_name"),
        schema="reporting",
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("called", sa.String(length=120), nullable=False),
        sa.Column("ward", sa.String(length=40), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("metres", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(ward <> '') = (lat is null)", name="ck_alert_where"),
        sa.CheckConstraint("num_nonnulls(account_id, email) = 1", name="ck_alert_one_reader"),
        sa.CheckConstraint("num_nulls(lat, lon, metres) in (0, 3)", name="ck_alert_circle"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_alert_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        schema="reporting",
    )
    op.create_index(
        "ix_alert_account_id_created_at_id",
        "alert",
        ["account_id", "created_at", "id"],
        unique=False,
        schema="reporting",
    )
    op.create_index(
        "ix_alert_due",
        "alert",
        ["told_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("confirmed_at is not null"),
    )
    op.create_index(
        "ix_alert_unconfirmed",
        "alert",
        ["created_at"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("confirmed_at is null"),
    )
    op.create_table(
        "guest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_guest_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_guest"),
        sa.UniqueConstraint("draft_id", name="uq_guest_draft_id"),
        sa.UniqueConstraint("letter_id", name="uq_guest_letter_id"),
        schema="reporting",
    )
    op.create_index("ix_guest_account_id", "guest", ["account_id"], unique=False, schema="reporting")
    op.create_index("ix_guest_secret_hash", "guest", ["secret_hash"], unique=False, schema="reporting")
    op.create_index(
        "ix_guest_unconfirmed",
        "guest",
        ["expires_at"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("confirmed_at is null"),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("api_key_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("status_note", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("uprn", sa.String(length=12), nullable=True),
        sa.Column("usrn", sa.String(length=8), nullable=True),
        sa.Column("asset", sa.String(length=60), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("ward", sa.String(length=40), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("moderation", sa.String(length=10), nullable=False),
        sa.Column("public_words", sa.Text(), nullable=True),
        sa.Column("public_place", sa.String(length=500), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passed_on_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("asked_fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said_fixed", sa.Boolean(), nullable=True),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("office", sa.String(length=40), nullable=True),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("external_status", sa.String(length=60), nullable=True),
        sa.Column("token", sa.String(length=200), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stuck", sa.String(length=40), nullable=False),
        sa.CheckConstraint("moderation in ('waiting', 'shown', 'hidden')", name="ck_report_moderation"),
        sa.CheckConstraint("(lat is null) = (lon is null) and (lat is null) = (cell is null)", name="ck_report_point"),
        sa.CheckConstraint("priority between 1 and 4", name="ck_report_priority"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_report_account_id"),
        sa.ForeignKeyConstraint(["api_key_id"], ["reporting.api_key.id"], name="fk_report_api_key_id"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_report_case_id"),
        sa.ForeignKeyConstraint(["merged_into_id"], ["reporting.report.id"], name="fk_report_merged_into_id"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("case_id", name="uq_report_case_id"),
        sa.UniqueConstraint("office", "external_id", name="uq_report_office_external_id"),
        sa.UniqueConstraint("reference", name="uq_report_reference"),
        schema="reporting",
    )
    op.create_index(
        "ix_report_account_id_created_at_id",
        "report",
        ["account_id", "created_at", "id"],
        unique=False,
        schema="reporting",
    )
    op.create_index(
        "ix_report_category_cell",
        "report",
        ["category", "cell"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(
        "ix_report_late",
        "report",
        ["id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("passed_on_at is null and closed_at is null"),
    )
    op.create_index("ix_report_merged_into_id", "report", ["merged_into_id"], unique=False, schema="reporting")
    op.create_index(
        "ix_report_public",
        "report",
        ["created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("not private and moderation <> 'hidden'"),
    )
    op.create_index(
        "ix_report_public_open",
        "report",
        ["created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("not private and moderation <> 'hidden' and closed_at is null"),
    )
    op.create_index(
        "ix_report_public_category",
        "report",
        ["category", "created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("not private and moderation <> 'hidden'"),
    )
    op.create_index(
        "ix_report_public_place",
        "report",
        ["lat", "lon"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("not private and moderation <> 'hidden'"),
    )
    op.create_index(
        "ix_report_public_updated",
        "report",
        ["updated_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("not private and moderation <> 'hidden'"),
    )
    op.create_index(
        "ix_report_public_ward",
        "report",
        ["ward", "created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("not private and moderation <> 'hidden'"),
    )
    op.create_index(
        "ix_report_shown",
        "report",
        ["shown_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("not private and moderation <> 'hidden'"),
    )
    op.create_index(
        "ix_report_stuck",
        "report",
        ["created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("stuck <> ''"),
    )
    op.create_index(
        "ix_report_on_its_way",
        "report",
        ["created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text(
            "way in ('open311', 'webhook') and stuck = '' and closed_at is null and account_id is not null"
            " and (sent_at is null or token is not null)"
        ),
    )
    op.create_index(
        "ix_report_token",
        "report",
        ["office", "polled_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("token is not null"),
    )
    op.create_index(
        "ix_report_to_ask",
        "report",
        ["closed_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("closed_at is not null and asked_fixed_at is null"),
    )
    op.create_index(
        "ix_report_to_let_go",
        "report",
        ["closed_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("closed_at is not null and account_id is not null"),
    )
    op.create_index(
        "ix_report_waiting",
        "report",
        ["created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("moderation = 'waiting' and not private"),
    )
    op.create_index(
        "ix_report_to_work",
        "report",
        ["priority", "created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index("ix_report_created", "report", ["created_at"], unique=False, schema="reporting")
    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("found", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("found in ('needs_work', 'fixed', 'no_action', 'elsewhere')", name="ck_inspection_found"),
        sa.ForeignKeyConstraint(["report_id"], ["reporting.report.id"], name="fk_inspection_report_id"),
        sa.PrimaryKeyConstraint("id", name="pk_inspection"),
        schema="reporting",
    )
    op.create_index(
        "ix_inspection_report_id_created_at_id",
        "inspection",
        ["report_id", "created_at", "id"],
        unique=False,
        schema="reporting",
    )
    op.create_table(
        "inspection_draft",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("typed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reporting.report.id"], name="fk_inspection_draft_report_id"),
        sa.PrimaryKeyConstraint("report_id", "actor", name="pk_inspection_draft"),
        schema="reporting",
    )
    op.create_index("ix_inspection_draft_kept_at", "inspection_draft", ["kept_at"], unique=False, schema="reporting")
    op.create_index(
        "ix_report_left_office",
        "report",
        ["office", "closed_at"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("external_id is not null and closed_at is not null"),
    )
    op.create_index(
        "ix_report_with_office",
        "report",
        ["office", "polled_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("external_id is not null and closed_at is null"),
    )
    op.create_table(
        "alert_told",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["reporting.alert.id"], name="fk_alert_told_alert_id", ondelete="cascade"
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reporting.report.id"], name="fk_alert_told_report_id"),
        sa.PrimaryKeyConstraint("alert_id", "report_id", name="pk_alert_told"),
        schema="reporting",
    )
    op.create_index("ix_alert_told_report_id", "alert_told", ["report_id"], unique=False, schema="reporting")
    op.create_table(
        "follower",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_from_id", sa.Uuid(), nullable=True),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("num_nonnulls(account_id, email) = 1", name="ck_follower_one_reader"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_follower_account_id"),
        sa.ForeignKeyConstraint(["joined_from_id"], ["reporting.report.id"], name="fk_follower_joined_from_id"),
        sa.ForeignKeyConstraint(["report_id"], ["reporting.report.id"], name="fk_follower_report_id"),
        sa.PrimaryKeyConstraint("id", name="pk_follower"),
        sa.UniqueConstraint("report_id", "account_id", name="uq_follower_report_id_account_id"),
        sa.UniqueConstraint("report_id", "email", name="uq_follower_report_id_email"),
        schema="reporting",
    )
    op.create_index(
        "ix_follower_account_id_created_at_id",
        "follower",
        ["account_id", "created_at", "id"],
        unique=False,
        schema="reporting",
    )
    op.create_index("ix_follower_joined_from_id", "follower", ["joined_from_id"], unique=False, schema="reporting")
    op.create_index(
        "ix_follower_unconfirmed",
        "follower",
        ["created_at"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("confirmed_at is null"),
    )
    op.create_table(
        "update",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("api_key_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("moderation", sa.String(length=10), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("moderation in ('waiting', 'shown', 'hidden')", name="ck_update_moderation"),
        sa.CheckConstraint("said_by in ('reporter', 'resident', 'staff', 'office')", name="ck_update_said_by"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_update_account_id"),
        sa.ForeignKeyConstraint(["api_key_id"], ["reporting.api_key.id"], name="fk_update_api_key_id"),
        sa.ForeignKeyConstraint(["report_id"], ["reporting.report.id"], name="fk_update_report_id"),
        sa.PrimaryKeyConstraint("id", name="pk_update"),
        sa.UniqueConstraint("report_id", "external_id", name="uq_update_report_id_external_id"),
        schema="reporting",
    )
    op.create_index("ix_update_account_id", "update", ["account_id"], unique=False, schema="reporting")
    op.create_index(
        "ix_update_report_id_created_at_id",
        "update",
        ["report_id", "created_at", "id"],
        unique=False,
        schema="reporting",
    )
    op.create_index(
        "ix_update_shown",
        "update",
        ["shown_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("moderation = 'shown'"),
    )
    op.create_index(
        "ix_update_to_tell",
        "update",
        ["created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("told_at is null"),
    )
    op.create_index(
        "ix_update_waiting",
        "update",
        ["created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("moderation = 'waiting'"),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("update_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("moderation", sa.String(length=10), nullable=False),
        sa.Column("covered_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("moderation in ('waiting', 'shown', 'hidden')", name="ck_photo_moderation"),
        sa.ForeignKeyConstraint(["report_id"], ["reporting.report.id"], name="fk_photo_report_id"),
        sa.ForeignKeyConstraint(["update_id"], ["reporting.update.id"], name="fk_photo_update_id"),
        sa.PrimaryKeyConstraint("id", name="pk_photo"),
        sa.UniqueConstraint("file_id", name="uq_photo_file_id"),
        sa.UniqueConstraint("report_id", "position", name="uq_photo_report_id_position"),
        schema="reporting",
    )
    op.create_index("ix_photo_owner_id", "photo", ["owner_id"], unique=False, schema="reporting")
    op.create_index("ix_photo_update_id", "photo", ["update_id"], unique=False, schema="reporting")
    op.create_index(
        "ix_photo_waiting",
        "photo",
        ["created_at", "id"],
        unique=False,
        schema="reporting",
        postgresql_where=sa.text("moderation = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("photo", schema="reporting")
    op.drop_table("update", schema="reporting")
    op.drop_table("inspection_draft", schema="reporting")
    op.drop_table("inspection", schema="reporting")
    op.drop_table("follower", schema="reporting")
    op.drop_table("alert_told", schema="reporting")
    op.drop_table("report", schema="reporting")
    op.drop_table("guest", schema="reporting")
    op.drop_table("alert", schema="reporting")
    op.drop_table("api_key", schema="reporting")
