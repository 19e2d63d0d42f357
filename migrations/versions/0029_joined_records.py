"""Council records that residents have joined to their accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _make_records()
    _make_drafts()
    _make_codes()
    _let_letters_be_sent()


def downgrade() -> None:
    for table in ("join_code", "join_draft", "joined_record"):
        op.drop_table(table, schema="portal")
    op.execute("delete from portal.outbound_message where channel = 'letter'")
    _check_channel("'email', 'sms'")
    op.alter_column("outbound_message", "channel", type_=sa.String(5), existing_nullable=False, schema="portal")
    op.alter_column("outbound_message", "to_address", type_=sa.String(254), existing_nullable=False, schema="portal")


def _make_records() -> None:
    op.create_table(
        "joined_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("person_key", sa.String(120), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("how", sa.String(10), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_joined_record"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_joined_record_account_id"),
        sa.UniqueConstraint(
            "account_id", "service", "kind", "key", name="uq_joined_record_account_id_service_kind_key"
        ),
        sa.UniqueConstraint(
            "service", "kind", "key", "person_key", name="uq_joined_record_service_kind_key_person_key"
        ),
        sa.CheckConstraint("how in ('answers', 'letter', 'desk', 'person', 'demo')", name="ck_joined_record_how"),
        schema="portal",
    )
    _index("joined_record", "service", "account_id", "joined_at", "id")


def _make_drafts() -> None:
    op.create_table(
        "join_draft",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("touched_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "service", "kind", name="pk_join_draft"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_join_draft_account_id"),
        schema="portal",
    )
    _index("join_draft", "touched_at")


def _make_codes() -> None:
    op.create_table(
        "join_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("how", sa.String(10), nullable=False),
        sa.Column("answers", sa.Text(), nullable=True),
        sa.Column("code_hash", sa.String(64), nullable=True),
        sa.Column("key", sa.String(60), nullable=True),
        sa.Column("person_key", sa.String(120), nullable=True),
        sa.Column("role", sa.String(40), nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_join_code"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_join_code_account_id"),
        sa.UniqueConstraint("code_hash", name="uq_join_code_code_hash"),
        sa.CheckConstraint("how in ('letter', 'desk')", name="ck_join_code_how"),
        schema="portal",
    )
    _index("join_code", "account_id", "made_at", "id")
    _index("join_code", "expires_at")
    op.create_index(
        "ix_join_code_unwritten",
        "join_code",
        ["made_at", "id"],
        schema="portal",
        postgresql_where=sa.text("answers is not null"),
    )


def _let_letters_be_sent() -> None:
    op.alter_column("outbound_message", "channel", type_=sa.String(6), existing_nullable=False, schema="portal")
    op.alter_column("outbound_message", "to_address", type_=sa.String(1000), existing_nullable=False, schema="portal")
    _check_channel("'email', 'sms', 'letter'")


def _check_channel(names: str) -> None:
    op.drop_constraint(op.f("ck_outbound_message_channel"), "outbound_message", schema="portal", type_="check")
    op.create_check_constraint(
        op.f("ck_outbound_message_channel"), "outbound_message", f"channel in ({names})", schema="portal"
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), schema="portal")
