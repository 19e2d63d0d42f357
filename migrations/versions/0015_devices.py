"""Devices that an account is known on; holds on sensitive changes."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "known_device",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_known_device_account_id"),
        sa.PrimaryKeyConstraint("account_id", "digest", name="pk_known_device"),
        schema="portal",
    )
    op.create_index("ix_known_device_last_seen_at", "known_device", ["last_seen_at"], schema="portal")
    op.create_table(
        "sign_in_notice",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_sign_in_notice_account_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_in_notice"),
        schema="portal",
    )
    op.create_index(
        "ix_sign_in_notice_account_id_sent_at", "sign_in_notice", ["account_id", "sent_at"], schema="portal"
    )
    op.create_index("ix_sign_in_notice_sent_at", "sign_in_notice", ["sent_at"], schema="portal")
    op.create_table(
        "account_hold",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.Column("doubted_since", MOMENT, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=True),
        sa.Column("link_sent_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_account_hold_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_account_hold"),
        schema="portal",
    )


def downgrade() -> None:
    for name in ("account_hold", "sign_in_notice", "known_device"):
        op.drop_table(name, schema="portal")
