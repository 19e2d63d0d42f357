"""Consent, pushed requests and what else an authorization request can carry."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

S = "provider"
MOMENT = sa.DateTime(timezone=True)
SWITCHES = ("consent", "require_signed_request", "require_pushed_request")


def upgrade() -> None:
    for name in SWITCHES:
        op.add_column("client", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()), schema=S)
        op.alter_column("client", name, server_default=None, schema=S)
    for table in ("code", "access_token"):
        op.add_column(table, sa.Column("claims", JSONB(), nullable=True), schema=S)
    op.create_table(
        "consent",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("scopes", ARRAY(sa.String(40)), nullable=False),
        sa.Column("claims", ARRAY(sa.String(40)), nullable=False),
        sa.Column("first_given_at", MOMENT, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "client_id", name="pk_consent"),
        sa.ForeignKeyConstraint(["person_id"], [f"{S}.person.id"], name="fk_consent_person_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["client_id"], [f"{S}.client.id"], name="fk_consent_client_id", ondelete="CASCADE"),
        schema=S,
    )
    op.create_table(
        "pushed_request",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("values", JSONB(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_pushed_request"),
        sa.ForeignKeyConstraint(
            ["client_id"], [f"{S}.client.id"], name="fk_pushed_request_client_id", ondelete="CASCADE"
        ),
        schema=S,
    )
    op.create_index("ix_pushed_request_expires_at", "pushed_request", ["expires_at"], schema=S)


def downgrade() -> None:
    op.drop_table("pushed_request", schema=S)
    op.drop_table("consent", schema=S)
    for table in ("access_token", "code"):
        op.drop_column(table, "claims", schema=S)
    for name in reversed(SWITCHES):
        op.drop_column("client", name, schema=S)
