"""Unfinished sign-ins, sessions, and what was being sent when a session ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sign_in_attempt",
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(60), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("code_verifier", sa.String(128), nullable=False),
        sa.Column("next_path", sa.String(2000), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name="pk_sign_in_attempt"),
        schema="portal",
    )
    _index("sign_in_attempt", "browser_hash", "created_at")
    _index("sign_in_attempt", "created_at")
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cookie_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(60), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("sid", sa.String(255), nullable=True),
        sa.Column("id_token", sa.Text(), nullable=True),
        sa.Column("assurance", sa.SmallInteger(), nullable=False),
        sa.Column("device", sa.String(40), nullable=False),
        sa.Column("holds_post", sa.Boolean(), nullable=False),
        sa.Column("authenticated_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_why", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_session_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("cookie_hash", name="uq_session_cookie_hash"),
        schema="portal",
    )
    _index("session", "account_id")
    _index("session", "issuer", "subject")
    _index("session", "issuer", "sid")
    _index("session", "created_at")
    op.create_table(
        "held_post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(2000), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_held_post_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_held_post"),
        schema="portal",
    )
    _index("held_post", "browser_hash")
    _index("held_post", "account_id")
    _index("held_post", "created_at")


def downgrade() -> None:
    for table in ("held_post", "session", "sign_in_attempt"):
        op.drop_table(table, schema="portal")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), schema="portal")
