"""Both ends of a case: what staff do with one, and what is said, asked for and handed in on it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_to_cases()
    _make_tables()


def downgrade() -> None:
    op.execute("delete from portal.case_event where kind not in ('opened', 'moved')")
    op.drop_constraint("ck_case_event_kind", "case_event", schema="portal")
    op.create_check_constraint(
        op.f("ck_case_event_ck_case_event_kind"), "case_event", "kind in ('opened', 'moved')", schema="portal"
    )
    op.drop_index("ix_case_to_forget", "case", schema="portal")
    for column in ("details", "visible", "version"):
        op.drop_column("case_event", column, schema="portal")
    for column in (
        "identity_check",
        "opened_by",
        "rated_at",
        "rating_words",
        "rating",
        "reopened",
        "merged_into_id",
        "escalated_at",
        "held_until_at",
        "held_at",
        "due_at",
        "waits_for",
        "holder_id",
        "team",
        "area",
        "channel",
    ):
        op.drop_column("case", column, schema="portal")
    for table in (
        "case_cosigning",
        "case_task",
        "case_note",
        "case_message",
        "case_document",
        "routing_rule",
        "response_version",
        "response_template",
        "team",
    ):
        op.drop_table(table, schema="portal")


def _add_to_cases() -> None:
    op.add_column(
        "case", sa.Column("channel", sa.String(20), nullable=False, server_default=sa.text("'web'")), schema="portal"
    )
    op.add_column(
        "case", sa.Column("area", sa.String(40), nullable=False, server_default=sa.text("''")), schema="portal"
    )
    op.add_column(
        "case", sa.Column("team", sa.String(40), nullable=False, server_default=sa.text("''")), schema="portal"
    )
    op.add_column("case", sa.Column("holder_id", sa.Uuid(), nullable=True), schema="portal")
    op.add_column(
        "case",
        sa.Column("waits_for", sa.String(10), nullable=False, server_default=sa.text("'council'")),
        schema="portal",
    )
    op.add_column("case", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    op.add_column("case", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    op.add_column("case", sa.Column("held_until_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    op.add_column("case", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    op.add_column("case", sa.Column("merged_into_id", sa.Uuid(), nullable=True), schema="portal")
    op.add_column(
        "case", sa.Column("reopened", sa.SmallInteger(), nullable=False, server_default=sa.text("0")), schema="portal"
    )
    op.add_column("case", sa.Column("rating", sa.SmallInteger(), nullable=True), schema="portal")
    op.add_column(
        "case", sa.Column("rating_words", sa.Text(), nullable=False, server_default=sa.text("''")), schema="portal"
    )
    op.add_column("case", sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    op.add_column(
        "case", sa.Column("opened_by", sa.String(120), nullable=False, server_default=sa.text("''")), schema="portal"
    )
    op.add_column(
        "case",
        sa.Column("identity_check", sa.String(40), nullable=False, server_default=sa.text("''")),
        schema="portal",
    )
    op.execute("update portal.case set opened_by = 'account:' || account_id where account_id is not null")
    op.execute("update portal.case set waits_for = 'nobody' where closed_at is not null")
    op.create_check_constraint(
        op.f("ck_case_waits_for"), "case", "waits_for in ('council', 'resident', 'nobody')", schema="portal"
    )
    op.create_check_constraint(op.f("ck_case_rating"), "case", "rating between 1 and 5", schema="portal")
    op.drop_constraint("ck_case_event_ck_case_event_kind", "case_event", schema="portal")
    op.create_check_constraint(op.f("ck_case_event_kind"), "case_event", "kind ~ '^[a-z_]+$'", schema="portal")
    op.create_index(
        "ix_case_holder_open",
        "case",
        ["holder_id", "due_at", "id"],
        schema="portal",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(
        "ix_case_merged_into_id",
        "case",
        ["merged_into_id", "opened_at", "id"],
        schema="portal",
        postgresql_where=sa.text("merged_into_id is not null"),
    )
    op.create_index(
        "ix_case_team_open",
        "case",
        ["team", "due_at", "id"],
        schema="portal",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_foreign_key(
        "fk_case_merged_into_id",
        "case",
        "case",
        ["merged_into_id"],
        ["id"],
        source_schema="portal",
        referent_schema="portal",
    )
    op.add_column(
        "case_event",
        sa.Column("visible", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        schema="portal",
    )
    op.add_column(
        "case_event", sa.Column("details", JSONB(), nullable=False, server_default=sa.text("'{}'")), schema="portal"
    )
    _number_events()
    _add_indexes_for_jobs()
    op.alter_column("case", "channel", server_default=None, schema="portal")
    op.alter_column("case", "area", server_default=None, schema="portal")
    op.alter_column("case", "team", server_default=None, schema="portal")
    op.alter_column("case", "waits_for", server_default=None, schema="portal")
    op.alter_column("case", "reopened", server_default=None, schema="portal")
    op.alter_column("case", "rating_words", server_default=None, schema="portal")
    op.alter_column("case", "opened_by", server_default=None, schema="portal")
    op.alter_column("case", "identity_check", server_default=None, schema="portal")
    op.alter_column("case_event", "visible", server_default=None, schema="portal")
    op.alter_column("case_event", "details", server_default=None, schema="portal")


def _number_events() -> None:
    op.add_column("case_event", sa.Column("version", sa.Integer(), nullable=True), schema="portal")
    op.execute(
        "update portal.case_event e set version = n.version from (select id, row_number() over (partition by case_id"
        " order by id) as version from portal.case_event) n where n.id = e.id"
    )
    op.alter_column("case_event", "version", nullable=False, schema="portal")
    op.create_unique_constraint("uq_case_event_case_id_version", "case_event", ["case_id", "version"], schema="portal")


def _add_indexes_for_jobs() -> None:
    op.create_index(
        "ix_case_to_escalate",
        "case",
        ["due_at", "id"],
        schema="portal",
        postgresql_where=sa.text("closed_at is null and escalated_at is null and held_at is null"),
    )
    op.create_index(
        "ix_case_held",
        "case",
        ["held_until_at", "id"],
        schema="portal",
        postgresql_where=sa.text("held_at is not null"),
    )
    op.create_index(
        "ix_case_to_forget",
        "case",
        ["service", "type", "closed_at", "id"],
        schema="portal",
        postgresql_where=sa.text("account_id is not null and closed_at is not null"),
    )


def _make_tables() -> None:
    op.create_table(
        "response_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_response_template"),
        schema="portal",
    )
    op.create_index(
        "ix_response_template_service_type_title_id",
        "response_template",
        ["service", "type", "title", "id"],
        schema="portal",
    )
    op.create_table(
        "team",
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("title_cy", sa.String(80), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("slug", name="pk_team"),
        schema="portal",
    )
    op.create_table(
        "response_version",
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_cy", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(120), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["portal.response_template.id"], name="fk_response_version_template_id"
        ),
        sa.PrimaryKeyConstraint("template_id", "version", name="pk_response_version"),
        schema="portal",
    )
    op.create_table(
        "routing_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("area", sa.String(40), nullable=False),
        sa.Column("conditions", JSONB(), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(120), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team"], ["portal.team.slug"], name="fk_routing_rule_team"),
        sa.PrimaryKeyConstraint("id", name="pk_routing_rule"),
        schema="portal",
    )
    op.create_index("ix_routing_rule_position_id", "routing_rule", ["position", "id"], schema="portal")
    op.create_table(
        "case_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(120), nullable=False),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_case_document_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_case_document_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_document"),
        sa.UniqueConstraint("case_id", "idempotency_key", name="uq_case_document_case_id_idempotency_key"),
        sa.UniqueConstraint("file_id", name="uq_case_document_file_id"),
        schema="portal",
    )
    op.create_index(
        "ix_case_document_account_id_added_at_id", "case_document", ["account_id", "added_at", "id"], schema="portal"
    )
    op.create_index(
        "ix_case_document_case_id_added_at_id", "case_document", ["case_id", "added_at", "id"], schema="portal"
    )
    op.create_table(
        "case_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("from_staff", sa.Boolean(), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("body <> ''", name=op.f("ck_case_message_body")),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_case_message_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_case_message_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_message"),
        sa.UniqueConstraint("case_id", "idempotency_key", name="uq_case_message_case_id_idempotency_key"),
        schema="portal",
    )
    op.create_index(
        "ix_case_message_account_id_sent_at_id", "case_message", ["account_id", "sent_at", "id"], schema="portal"
    )
    op.create_index("ix_case_message_case_id_sent_at_id", "case_message", ["case_id", "sent_at", "id"], schema="portal")
    op.create_table(
        "case_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.CheckConstraint("body <> ''", name=op.f("ck_case_note_body")),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_case_note_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_note"),
        sa.UniqueConstraint("case_id", "idempotency_key", name="uq_case_note_case_id_idempotency_key"),
        schema="portal",
    )
    op.create_index("ix_case_note_case_id_written_at_id", "case_note", ["case_id", "written_at", "id"], schema="portal")
    op.create_table(
        "case_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("pay_url", sa.String(500), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.String(120), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(120), nullable=False),
        sa.Column("idempotency_key", sa.String(80), nullable=False),
        sa.CheckConstraint(
            "kind in ('form', 'document', 'payment', 'signature', 'cosign')", name=op.f("ck_case_task_kind")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_case_task_amount")),
        sa.CheckConstraint("state in ('open', 'done', 'withdrawn')", name=op.f("ck_case_task_state")),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_case_task_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_case_task_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_task"),
        sa.UniqueConstraint("case_id", "idempotency_key", name="uq_case_task_case_id_idempotency_key"),
        schema="portal",
    )
    op.create_index("ix_case_task_case_id_set_at_id", "case_task", ["case_id", "set_at", "id"], schema="portal")
    op.create_index("ix_case_task_account_id_set_at_id", "case_task", ["account_id", "set_at", "id"], schema="portal")
    op.create_index(
        "ix_case_task_due",
        "case_task",
        ["due_on", "account_id"],
        schema="portal",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_case_task_open",
        "case_task",
        ["account_id", "due_on", "id"],
        schema="portal",
        postgresql_where=sa.text("state = 'open'"),
    )
    _make_table_of_cosignings()


def _make_table_of_cosignings() -> None:
    op.create_table(
        "case_cosigning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("signer_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("token_hash", sa.String(64), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('asked', 'signed', 'declined', 'withdrawn')", name=op.f("ck_case_cosigning_state")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["portal.case_task.id"], name="fk_case_cosigning_task_id"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_case_cosigning_case_id"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_case_cosigning_account_id"),
        sa.ForeignKeyConstraint(["signer_id"], ["portal.account.id"], name="fk_case_cosigning_signer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_cosigning"),
        sa.UniqueConstraint("token_hash", name="uq_case_cosigning_token_hash"),
        schema="portal",
    )
    op.create_index(
        "uq_case_cosigning_asked",
        "case_cosigning",
        ["task_id"],
        unique=True,
        schema="portal",
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_index(
        "ix_case_cosigning_task_id_asked_at_id", "case_cosigning", ["task_id", "asked_at", "id"], schema="portal"
    )
    op.create_index(
        "ix_case_cosigning_signer_id_asked_at_id", "case_cosigning", ["signer_id", "asked_at", "id"], schema="portal"
    )
    op.create_index("ix_case_cosigning_account_id", "case_cosigning", ["account_id"], schema="portal")
