"""Invitations to a business, visitor parking of an address, what was bought at the lower price, cars lent today."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "permits"
MOMENT = sa.DateTime(timezone=True)


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


def downgrade() -> None:
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
