"""Keep what providers say of themselves for every process; the portal's own signing keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "provider_document",
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("fetched_at", moment, nullable=True),
        sa.Column("fresh_until", moment, nullable=True),
        sa.Column("claimed_at", moment, nullable=True),
        sa.Column("forced_at", moment, nullable=True),
        sa.Column("failed_at", moment, nullable=True),
        sa.Column("failure", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("url", name="pk_provider_document"),
        schema="portal",
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("alg", sa.String(10), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public_jwk", JSONB(), nullable=False),
        sa.Column("signs_from", moment, nullable=False),
        sa.Column("published_until", moment, nullable=True),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_key"),
        schema="portal",
    )


def downgrade() -> None:
    op.drop_table("signing_key", schema="portal")
    op.drop_table("provider_document", schema="portal")
