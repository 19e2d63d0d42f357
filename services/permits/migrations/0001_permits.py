"""Zones, prices, permits, visitor parking, businesses and proof."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "permits"
MOMENT = sa.DateTime(timezone=True)
EXACTLY = """
create function permits.exactly(what text) returns permits.textrange
language sql immutable strict parallel safe
return permits.textrange(what, what, '[]')
"""
TABLES = (
    "enforcement_token",
    "permit_slot",
    "tariff",
    "vehicle",
    "zone",
    "business",
    "proof",
    "visitor_balance",
    "zone_place",
    "business_member",
    "permit",
    "visitor_purchase",
    "visitor_session",
    "courtesy_car",
)


def upgrade() -> None:
    # Text as a range of one, so that exclusion constraints need no extension.
    op.execute('create type permits.textrange as range (subtype = text, collation = "C")')
    op.execute(EXACTLY)
    _enforcement_token()
    _permit_slot()
    _tariff()
    _vehicle()
    _zone()
    _business()
    _proof()
    _visitor_balance()
    _zone_place()
    _business_member()
    _permit()
    _visitor_purchase()
    _visitor_session()
    _courtesy_car()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema=SCHEMA)
    op.execute("drop function permits.exactly(text)")
    op.execute("drop type permits.textrange")


def _enforcement_token() -> None:
    op.create_table(
        "enforcement_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_enforcement_token"),
        sa.UniqueConstraint("digest", name="uq_enforcement_token_digest"),
        schema=SCHEMA,
    )


def _permit_slot() -> None:
    op.create_table(
        "permit_slot",
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number between 1 and most", name="ck_permit_slot_cap"),
        sa.PrimaryKeyConstraint("scope", "number", name="pk_permit_slot"),
        sa.UniqueConstraint("chain_id", "scope", name="uq_permit_slot_chain_id_scope"),
        schema=SCHEMA,
    )


def _tariff() -> None:
    op.create_table(
        "tariff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tariff"),
        sa.UniqueConstraint("code", "from_on", name="uq_tariff_code_from_on"),
        schema=SCHEMA,
    )


def _vehicle() -> None:
    op.create_table(
        "vehicle",
        sa.Column("vrm", sa.String(8), nullable=False),
        sa.Column("as_of_at", MOMENT, nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("source in ('dvla', 'document', 'resident')", name="ck_vehicle_source"),
        sa.PrimaryKeyConstraint("vrm", "as_of_at", name="pk_vehicle"),
        schema=SCHEMA,
    )
    op.create_index("ix_vehicle_as_of_at", "vehicle", ["as_of_at"], schema=SCHEMA)


def _zone() -> None:
    op.create_table(
        "zone",
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("hours", sa.String(200), nullable=False),
        sa.Column("caps", postgresql.JSONB(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_zone"),
        schema=SCHEMA,
    )


def _business() -> None:
    op.create_table(
        "business",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("uprn", sa.String(12), nullable=True),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("postcode", sa.String(8), nullable=False),
        sa.Column("zone", sa.String(12), nullable=True),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("status in ('asked', 'open', 'closed')", name="ck_business_status"),
        sa.ForeignKeyConstraint(["zone"], ["permits.zone.code"], name="fk_business_zone"),
        sa.PrimaryKeyConstraint("id", name="pk_business"),
        schema=SCHEMA,
    )


def _proof() -> None:
    op.create_table(
        "proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "purpose in ('address', 'vehicle', 'carer', 'business', 'reduction', 'other')", name="ck_proof_purpose"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_proof_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_proof_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_proof"),
        sa.UniqueConstraint("file_id", name="uq_proof_file_id"),
        schema=SCHEMA,
    )
    op.create_index("ix_proof_account_id_draft_id", "proof", ["account_id", "draft_id"], schema=SCHEMA)
    op.create_index("ix_proof_case_id", "proof", ["case_id"], schema=SCHEMA)
    op.create_index("ix_proof_delete_on", "proof", ["delete_on"], schema=SCHEMA)


def _visitor_balance() -> None:
    op.create_table(
        "visitor_balance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("zone", sa.String(12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("minutes >= 0", name="ck_visitor_balance_minutes"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_visitor_balance_account_id"),
        sa.ForeignKeyConstraint(["zone"], ["permits.zone.code"], name="fk_visitor_balance_zone"),
        sa.PrimaryKeyConstraint("id", name="pk_visitor_balance"),
        sa.UniqueConstraint("account_id", "zone", name="uq_visitor_balance_account_id_zone"),
        schema=SCHEMA,
    )


def _zone_place() -> None:
    op.create_table(
        "zone_place",
        sa.Column("by", sa.String(8), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("rule", sa.String(10), nullable=False),
        sa.Column("zone", sa.String(12), nullable=True),
        sa.CheckConstraint("(zone is null) = (rule = 'no_permits')", name="ck_zone_place_zone"),
        sa.CheckConstraint("by in ('uprn', 'postcode', 'street', 'sector')", name="ck_zone_place_by"),
        sa.CheckConstraint("rule in ('zone', 'car_free', 'no_permits')", name="ck_zone_place_rule"),
        sa.ForeignKeyConstraint(["zone"], ["permits.zone.code"], name="fk_zone_place_zone"),
        sa.PrimaryKeyConstraint("by", "key", name="pk_zone_place"),
        schema=SCHEMA,
    )
    op.create_index("ix_zone_place_zone", "zone_place", ["zone"], schema=SCHEMA)


def _business_member() -> None:
    op.create_table(
        "business_member",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.CheckConstraint("role in ('owner', 'manager', 'driver')", name="ck_business_member_role"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_business_member_account_id"),
        sa.ForeignKeyConstraint(["business_id"], ["permits.business.id"], name="fk_business_member_business_id"),
        sa.PrimaryKeyConstraint("business_id", "account_id", name="pk_business_member"),
        schema=SCHEMA,
    )
    op.create_index("ix_business_member_account_id", "business_member", ["account_id"], schema=SCHEMA)


def _permit() -> None:
    op.create_table(
        "permit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("predecessor_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(10), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("business_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("zone", sa.String(12), nullable=False),
        sa.Column("vrm", sa.String(8), nullable=False),
        sa.Column("uprn", sa.String(12), nullable=True),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("length", sa.String(4), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("tariff_id", sa.Uuid(), nullable=True),
        sa.Column("price", postgresql.JSONB(), nullable=False),
        sa.Column("price_pence", sa.Integer(), nullable=False),
        sa.Column("worth_pence", sa.Integer(), nullable=False),
        sa.Column("caps", postgresql.JSONB(), nullable=False),
        sa.Column("paid_pence", sa.Integer(), nullable=False),
        sa.Column("refunded_pence", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("held_until_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("active_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        postgresql.ExcludeConstraint(
            (sa.text("permits.exactly(zone || ' ' || vrm)"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("status = 'active' and vrm <> ''"),
            using="gist",
            name="ex_permit_no_overlap",
        ),
        postgresql.ExcludeConstraint(
            (sa.text("permits.exactly(zone || ' ' || vrm)"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("status in ('asked', 'to_pay') and vrm <> ''"),
            using="gist",
            name="ex_permit_asked_once",
        ),
        postgresql.ExcludeConstraint(
            (sa.text("permits.exactly(chain_id::text)"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("status = 'active'"),
            using="gist",
            name="ex_permit_one_of_a_chain",
        ),
        sa.CheckConstraint("(kind = 'business') = (business_id is not null)", name="ck_permit_business"),
        sa.CheckConstraint("kind in ('resident', 'visitor', 'business', 'carer', 'temporary')", name="ck_permit_kind"),
        sa.CheckConstraint("kind <> 'visitor' or vrm = ''", name="ck_permit_visitor_car"),
        sa.CheckConstraint("status <> 'active' or paid_pence >= price_pence", name="ck_permit_paid"),
        sa.CheckConstraint(
            "status in ('asked', 'to_pay', 'active', 'expired', 'replaced', 'cancelled', 'revoked', 'refused',"
            " 'lapsed')",
            name="ck_permit_status",
        ),
        sa.CheckConstraint("not (upper_inf(valid) or lower_inf(valid))", name="ck_permit_valid"),
        sa.CheckConstraint("price_pence >= 0 and worth_pence >= 0 and paid_pence >= 0", name="ck_permit_pence"),
        sa.CheckConstraint("refunded_pence between 0 and paid_pence", name="ck_permit_refunded"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_permit_account_id"),
        sa.ForeignKeyConstraint(["business_id"], ["permits.business.id"], name="fk_permit_business_id"),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name="fk_permit_case_id"),
        sa.ForeignKeyConstraint(["predecessor_id"], ["permits.permit.id"], name="fk_permit_predecessor_id"),
        sa.ForeignKeyConstraint(["tariff_id"], ["permits.tariff.id"], name="fk_permit_tariff_id"),
        sa.ForeignKeyConstraint(["zone"], ["permits.zone.code"], name="fk_permit_zone"),
        sa.PrimaryKeyConstraint("id", name="pk_permit"),
        sa.UniqueConstraint("case_id", name="uq_permit_case_id"),
        sa.UniqueConstraint("reference", name="uq_permit_reference"),
        schema=SCHEMA,
    )
    op.create_index("ix_permit_account_id_created_at_id", "permit", ["account_id", "created_at", "id"], schema=SCHEMA)
    op.create_index("ix_permit_business_id_created_at_id", "permit", ["business_id", "created_at", "id"], schema=SCHEMA)
    op.create_index("ix_permit_chain_id", "permit", ["chain_id"], schema=SCHEMA)
    op.create_index(
        "ix_permit_vrm_held",
        "permit",
        ["vrm"],
        schema=SCHEMA,
        postgresql_where=sa.text("status in ('asked', 'to_pay')"),
    )
    op.create_index(
        "ix_permit_vrm_temporary", "permit", ["vrm"], schema=SCHEMA, postgresql_where=sa.text("kind = 'temporary'")
    )
    op.create_index(
        "uq_permit_one_change",
        "permit",
        ["chain_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("status in ('asked', 'to_pay')"),
    )
    op.create_index(
        "ix_permit_closed", "permit", ["closed_at"], schema=SCHEMA, postgresql_where=sa.text("account_id is not null")
    )
    op.create_index(
        "ix_permit_ends",
        "permit",
        ["last_on", "account_id", "id"],
        schema=SCHEMA,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_permit_held", "permit", ["held_until_at"], schema=SCHEMA, postgresql_where=sa.text("status = 'to_pay'")
    )
    op.create_index(
        "ix_permit_uprn",
        "permit",
        ["uprn"],
        schema=SCHEMA,
        postgresql_where=sa.text("status in ('asked', 'to_pay', 'active')"),
    )
    op.create_index(
        "ix_permit_vrm", "permit", ["vrm", "zone"], schema=SCHEMA, postgresql_where=sa.text("status = 'active'")
    )
    op.create_index(
        "ix_permit_zone", "permit", ["zone", "id"], schema=SCHEMA, postgresql_where=sa.text("status = 'active'")
    )


def _visitor_purchase() -> None:
    op.create_table(
        "visitor_purchase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("balance_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("tariff_id", sa.Uuid(), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("refunded_minutes", sa.Integer(), nullable=False),
        sa.Column("refunded_pence", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("paid_at", MOMENT, nullable=True),
        sa.CheckConstraint("status in ('to_pay', 'paid', 'given_up')", name="ck_visitor_purchase_status"),
        sa.CheckConstraint("minutes > 0 and pence >= 0", name="ck_visitor_purchase_bought"),
        sa.CheckConstraint(
            "refunded_minutes between 0 and minutes and refunded_pence between 0 and pence",
            name="ck_visitor_purchase_back",
        ),
        sa.ForeignKeyConstraint(["balance_id"], ["permits.visitor_balance.id"], name="fk_visitor_purchase_balance_id"),
        sa.ForeignKeyConstraint(["tariff_id"], ["permits.tariff.id"], name="fk_visitor_purchase_tariff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visitor_purchase"),
        sa.UniqueConstraint("line_id", name="uq_visitor_purchase_line_id"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_visitor_purchase_balance_id_created_at", "visitor_purchase", ["balance_id", "created_at"], schema=SCHEMA
    )


def _visitor_session() -> None:
    op.create_table(
        "visitor_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("balance_id", sa.Uuid(), nullable=False),
        sa.Column("zone", sa.String(12), nullable=False),
        sa.Column("vrm", sa.String(8), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("stopped_at", MOMENT, nullable=True),
        postgresql.ExcludeConstraint(
            (sa.text("permits.exactly(balance_id::text || ' ' || lane::text)"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="ex_visitor_session_one_in_a_lane",
        ),
        postgresql.ExcludeConstraint(
            (sa.text("permits.exactly(zone || ' ' || vrm)"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="ex_visitor_session_one_for_a_car",
        ),
        sa.CheckConstraint("lane between 1 and lanes", name="ck_visitor_session_lane"),
        sa.CheckConstraint("minutes >= 0 and taken >= 0", name="ck_visitor_session_minutes"),
        sa.ForeignKeyConstraint(["balance_id"], ["permits.visitor_balance.id"], name="fk_visitor_session_balance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visitor_session"),
        sa.UniqueConstraint("key", name="uq_visitor_session_key"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_visitor_session_balance_id_created_at", "visitor_session", ["balance_id", "created_at"], schema=SCHEMA
    )
    op.create_index("ix_visitor_session_vrm_ends_at", "visitor_session", ["vrm", "ends_at"], schema=SCHEMA)
    op.create_index("ix_visitor_session_zone_ends_at_id", "visitor_session", ["zone", "ends_at", "id"], schema=SCHEMA)


def _courtesy_car() -> None:
    op.create_table(
        "courtesy_car",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("permit_id", sa.Uuid(), nullable=False),
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("zone", sa.String(12), nullable=False),
        sa.Column("vrm", sa.String(8), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("permits.exactly(chain_id::text)"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_courtesy_car_one_at_a_time",
        ),
        sa.CheckConstraint("not (upper_inf(valid) or lower_inf(valid))", name="ck_courtesy_car_valid"),
        sa.ForeignKeyConstraint(["permit_id"], ["permits.permit.id"], name="fk_courtesy_car_permit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_courtesy_car"),
        schema=SCHEMA,
    )
    op.create_index("ix_courtesy_car_permit_id", "courtesy_car", ["permit_id"], schema=SCHEMA)
    op.create_index("ix_courtesy_car_vrm", "courtesy_car", ["vrm"], schema=SCHEMA)
