"""The shape of GOV.UK One Login: vectors of trust and proven identities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

S = "provider"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("code", sa.Column("vector", sa.String(40), nullable=True), schema=S)
    for name in ("identity", "max_age"):
        op.add_column("client", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()), schema=S)
        op.alter_column("client", name, server_default=None, schema=S)
    op.create_table(
        "identity_proof",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_identity_proof"),
        sa.ForeignKeyConstraint(
            ["person_id"], [f"{S}.person.id"], name="fk_identity_proof_person_id", ondelete="CASCADE"
        ),
        schema=S,
    )
    op.create_table(
        "core_identity_key",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("alg", sa.String(10), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public_jwk", JSONB(), nullable=False),
        sa.Column("signs_from", MOMENT, nullable=False),
        sa.Column("published_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("kid", name="pk_core_identity_key"),
        schema=S,
    )


def downgrade() -> None:
    op.drop_table("core_identity_key", schema=S)
    op.drop_table("identity_proof", schema=S)
    for name in ("max_age", "identity"):
        op.drop_column("client", name, schema=S)
    op.drop_column("code", "vector", schema=S)
