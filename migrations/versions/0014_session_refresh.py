"""Refresh tokens of sessions; logout tokens that were taken."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now ID tokens were kept as they came. They only spare a question at sign-out, so none is worth keeping so.
    op.execute("update portal.session set id_token = null where id_token is not null")
    op.add_column("session", sa.Column("refresh_token", sa.Text(), nullable=True), schema="portal")
    op.add_column("session", sa.Column("refresh_due_at", sa.DateTime(timezone=True), nullable=True), schema="portal")
    op.add_column(
        "session",
        sa.Column("refresh_failures", sa.SmallInteger(), nullable=False, server_default="0"),
        schema="portal",
    )
    op.alter_column("session", "refresh_failures", server_default=None, schema="portal")
    op.create_table(
        "logout_token",
        sa.Column("jti_hash", sa.String(64), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=True),
        sa.Column("sid", sa.String(255), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti_hash", name="pk_logout_token"),
        schema="portal",
    )
    op.create_index("ix_logout_token_issuer_subject", "logout_token", ["issuer", "subject"], schema="portal")
    op.create_index("ix_logout_token_issuer_sid", "logout_token", ["issuer", "sid"], schema="portal")
    op.create_index("ix_logout_token_forget_at", "logout_token", ["forget_at"], schema="portal")


def downgrade() -> None:
    op.drop_table("logout_token", schema="portal")
    for name in ("refresh_failures", "refresh_due_at", "refresh_token"):
        op.drop_column("session", name, schema="portal")
