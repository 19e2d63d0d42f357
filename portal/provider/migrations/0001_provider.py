"""People, clients, sign-ins, codes, tokens, keys and mailed links."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

S = "provider"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_verified_at", MOMENT, nullable=True),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("given_name", sa.String(100), nullable=False),
        sa.Column("family_name", sa.String(100), nullable=False),
        sa.Column("birthdate", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("email", name="uq_person_email"),
        schema=S,
    )
    op.create_table(
        "client",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("home_url", sa.String(500), nullable=True),
        sa.Column("auth_method", sa.String(40), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=True),
        sa.Column("jwks", JSONB(), nullable=True),
        sa.Column("redirect_uris", ARRAY(sa.String(500)), nullable=False),
        sa.Column("post_logout_redirect_uris", ARRAY(sa.String(500)), nullable=False),
        sa.Column("scopes", ARRAY(sa.String(40)), nullable=False),
        sa.Column("id_token_alg", sa.String(10), nullable=False),
        sa.Column("require_nonce", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_client"),
        schema=S,
    )
    op.create_table(
        "login",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("auth_at", MOMENT, nullable=False),
        sa.Column("amr", ARRAY(sa.String(20)), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_login"),
        sa.UniqueConstraint("digest", name="uq_login_digest"),
        _refers("login", "person_id", "person"),
        schema=S,
    )
    op.create_table(
        "code",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("login_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.String(500), nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("nonce", sa.String(500), nullable=True),
        sa.Column("code_challenge", sa.String(128), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_code"),
        _refers("code", "client_id", "client"),
        _refers("code", "login_id", "login"),
        schema=S,
    )
    op.create_table(
        "access_token",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("login_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_access_token"),
        _refers("access_token", "client_id", "client"),
        _refers("access_token", "login_id", "login"),
        schema=S,
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("alg", sa.String(10), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public_jwk", JSONB(), nullable=False),
        sa.Column("signs_from", MOMENT, nullable=False),
        sa.Column("published_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_key"),
        schema=S,
    )
    op.create_table(
        "used_assertion",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_used_assertion"),
        schema=S,
    )
    op.create_table(
        "mailed_link",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("onward", sa.String(4000), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_mailed_link"),
        schema=S,
    )
    for table, *columns in (
        ("login", "person_id"),
        ("login", "expires_at"),
        ("code", "login_id"),
        ("code", "expires_at"),
        ("access_token", "code_digest"),
        ("access_token", "login_id"),
        ("access_token", "expires_at"),
        ("used_assertion", "expires_at"),
        ("mailed_link", "expires_at"),
        ("mailed_link", "email", "purpose"),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), schema=S)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{S}.{to}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def downgrade() -> None:
    for table in (
        "mailed_link",
        "used_assertion",
        "signing_key",
        "access_token",
        "code",
        "login",
        "client",
        "person",
    ):
        op.drop_table(table, schema=S)
