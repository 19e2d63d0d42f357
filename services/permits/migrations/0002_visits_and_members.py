"""Invitations to a business, visitor parking of an address, what was bought at the lower price, cars lent today,
that whatever is active has its places, and that no car is in a zone twice."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "permits"
MOMENT = sa.DateTime(timezone=True)
HAS_ITS_PLACES = """
create function permits.has_its_places() returns trigger language plpgsql as $$
declare
    chain uuid;
begin
    if tg_op = 'DELETE' then chain := old.chain_id; else chain := new.chain_id; end if;
    if exists (
        select from permits.permit, jsonb_array_elements(permit.caps) as cap
        where permit.chain_id = chain and permit.status = 'active' and not exists (
            select from permits.permit_slot as slot where slot.chain_id = chain and slot.scope = cap ->> 'scope'
        )
    ) then
        raise exception 'a permit is active without a place of each of its caps'
            using errcode = 'check_violation', constraint = 'ck_permit_places';
    end if;
    return null;
end
$$
"""
OF_PERMIT = """
create constraint trigger has_its_places after insert or update of status, caps, chain_id on permits.permit
deferrable initially deferred for each row when (new.status = 'active') execute function permits.has_its_places()
"""
OF_SLOT = """
create constraint trigger has_its_places after update of scope, chain_id or delete on permits.permit_slot
deferrable initially deferred for each row execute function permits.has_its_places()
"""
# A courtesy car parks as a permit's own does; which of the two is later does not matter, so each asks for the other.
ONE_FOR_A_CAR = """
create function permits.one_for_a_car() returns trigger language plpgsql as $$
begin
    if exists (
        select from permits.courtesy_car as lent
        join permits.permit as giver on giver.id = lent.permit_id and giver.status = 'active'
        where lent.zone = new.zone and lent.vrm = new.vrm and (
            exists (
                select from permits.permit as own
                where own.zone = lent.zone and own.vrm = lent.vrm and own.status = 'active'
                and own.chain_id <> lent.chain_id and own.valid && lent.valid
            ) or exists (
                select from permits.courtesy_car as other
                join permits.permit as its on its.id = other.permit_id and its.status = 'active'
                where other.zone = lent.zone and other.vrm = lent.vrm and other.id <> lent.id
                and other.valid && lent.valid
            )
        )
    ) then
        raise exception 'a car would be in a zone twice on one day'
            using errcode = 'exclusion_violation', constraint = 'ex_courtesy_car_one_for_a_car';
    end if;
    return null;
end
$$
"""
OF_CAR = """
create trigger one_for_a_car after insert or update of status, valid, zone, vrm on permits.permit
for each row when (new.status = 'active' and new.vrm <> '') execute function permits.one_for_a_car()
"""
OF_COURTESY_CAR = """
create trigger one_for_a_car after insert or update of valid, zone, vrm on permits.courtesy_car
for each row execute function permits.one_for_a_car()
"""


def upgrade() -> None:
    op.create_table(
        "business_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.CheckConstraint("role in ('owner', 'manager', 'driver')", name="ck_business_invitation_role"),
        sa.ForeignKeyConstraint(["business_id"], ["permits.business.id"], name="fk_business_invitation_business_id"),
        sa.ForeignKeyConstraint(["made_by"], ["portal.account.id"], name="fk_business_invitation_made_by"),
        sa.PrimaryKeyConstraint("id", name="pk_business_invitation"),
        sa.UniqueConstraint("digest", name="uq_business_invitation_digest"),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_business_invitation_business_id_created_at",
        "business_invitation",
        ["business_id", "created_at"],
        schema=SCHEMA,
    )
    op.create_index("ix_business_invitation_expires_at", "business_invitation", ["expires_at"], schema=SCHEMA)
    op.create_index("ix_business_invitation_made_by", "business_invitation", ["made_by"], schema=SCHEMA)
    op.add_column("visitor_balance", sa.Column("uprn", sa.String(12), nullable=True), schema=SCHEMA)
    op.create_index("ix_visitor_balance_uprn", "visitor_balance", ["uprn"], schema=SCHEMA)
    op.add_column(
        "visitor_purchase",
        sa.Column("reduced_minutes", sa.Integer(), nullable=False, server_default="0"),
        schema=SCHEMA,
    )
    op.alter_column("visitor_purchase", "reduced_minutes", server_default=None, schema=SCHEMA)
    op.create_check_constraint(
        op.f("ck_visitor_purchase_reduced"),
        "visitor_purchase",
        "reduced_minutes between 0 and minutes",
        schema=SCHEMA,
    )
    # At most so many at once for a home, not for each of those who live there.
    op.add_column("visitor_session", sa.Column("home", sa.String(36), nullable=False), schema=SCHEMA)
    op.create_index("ix_visitor_session_home_created_at", "visitor_session", ["home", "created_at"], schema=SCHEMA)
    op.create_index("ix_visitor_session_ends_at", "visitor_session", ["ends_at"], schema=SCHEMA)
    _one_in_a_lane("home")
    op.create_index("ix_courtesy_car_valid", "courtesy_car", ["valid"], schema=SCHEMA, postgresql_using="gist")
    for statement in (HAS_ITS_PLACES, OF_PERMIT, OF_SLOT, ONE_FOR_A_CAR, OF_CAR, OF_COURTESY_CAR):
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop trigger one_for_a_car on permits.courtesy_car")
    op.execute("drop trigger one_for_a_car on permits.permit")
    op.execute("drop function permits.one_for_a_car()")
    op.execute("drop trigger has_its_places on permits.permit_slot")
    op.execute("drop trigger has_its_places on permits.permit")
    op.execute("drop function permits.has_its_places()")
    op.drop_index("ix_courtesy_car_valid", "courtesy_car", schema=SCHEMA)
    _one_in_a_lane("balance_id::text")
    op.drop_column("visitor_session", "home", schema=SCHEMA)
    op.drop_index("ix_visitor_session_ends_at", "visitor_session", schema=SCHEMA)
    op.drop_constraint(op.f("ck_visitor_purchase_reduced"), "visitor_purchase", schema=SCHEMA)
    op.drop_column("visitor_purchase", "reduced_minutes", schema=SCHEMA)
    op.drop_index("ix_visitor_balance_uprn", "visitor_balance", schema=SCHEMA)
    op.drop_column("visitor_balance", "uprn", schema=SCHEMA)
    op.drop_table("business_invitation", schema=SCHEMA)


def _one_in_a_lane(whose: str) -> None:
    op.drop_constraint("ex_visitor_session_one_in_a_lane", "visitor_session", schema=SCHEMA)
    # By hand: Alembic makes exclusion constraints of columns alone.
    op.execute(
        "alter table permits.visitor_session add constraint ex_visitor_session_one_in_a_lane"
        f" exclude using gist (permits.exactly({whose} || ' ' || lane::text) with =, during with &&)"
    )
