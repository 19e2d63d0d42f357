"""Sign-ins that meet others on their way: a browser's last id, trouble of a provider, sealed paths of who waits."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("sign_in_attempt", sa.Column("browser_before", sa.String(64), nullable=True), schema="portal")
    op.add_column("sign_in_attempt", sa.Column("renewed_at", MOMENT, nullable=True), schema="portal")
    op.create_table(
        "provider_trouble",
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("failed_at", MOMENT, nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("issuer", name="pk_provider_trouble"),
        schema="portal",
    )
    # Who waits meanwhile ends on the front page: what is not sealed is not read.
    op.alter_column("waiting_identity", "next_path", type_=sa.Text(), existing_nullable=False, schema="portal")


def downgrade() -> None:
    # What is sealed is longer than what it was made of. Nobody waits longer than an hour.
    op.execute("delete from portal.waiting_identity")
    op.alter_column("waiting_identity", "next_path", type_=sa.String(2000), existing_nullable=False, schema="portal")
    op.drop_table("provider_trouble", schema="portal")
    op.drop_column("sign_in_attempt", "renewed_at", schema="portal")
    op.drop_column("sign_in_attempt", "browser_before", schema="portal")
