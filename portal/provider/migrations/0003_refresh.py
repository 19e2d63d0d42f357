"""Refresh tokens, pairwise subjects, logout at clients, and more of each client."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

S = "provider"
MOMENT = sa.DateTime(timezone=True)
DEFAULTS = {"title_cy": "", "subject_type": "public", "origin": "command"}
CLIENT_COLUMNS = (
    ("title_cy", sa.String(200)),
    ("subject_type", sa.String(10)),
    ("sector", sa.String(253)),
    ("jwks_uri", sa.String(500)),
    ("jwks_read_at", MOMENT),
    ("jwks_tried_at", MOMENT),
    ("backchannel_logout_uri", sa.String(500)),
    ("origin", sa.String(10)),
)


def upgrade() -> None:
    made = sa.text("gen_random_uuid()")
    op.add_column("login", sa.Column("sid_key", sa.Uuid(), nullable=False, server_default=made), schema=S)
    op.alter_column("login", "sid_key", server_default=None, schema=S)
    for name, kind in CLIENT_COLUMNS:
        default = DEFAULTS.get(name)
        op.add_column("client", sa.Column(name, kind, nullable=default is None, server_default=default), schema=S)
        if default is not None:
            op.alter_column("client", name, server_default=None, schema=S)
    op.create_table(
        "refresh_family",
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("login_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("claims", JSONB(), nullable=True),
        sa.Column("said", JSONB(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("turned_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("code_digest", name="pk_refresh_family"),
        _refers("refresh_family", "client_id", "client", "id"),
        _refers("refresh_family", "login_id", "login", "id"),
        schema=S,
    )
    op.create_table(
        "refresh_token",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_refresh_token"),
        _refers("refresh_token", "code_digest", "refresh_family", "code_digest"),
        schema=S,
    )
    op.create_table(
        "pairwise_subject",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sector", sa.String(253), nullable=False),
        sa.Column("sub", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "sector", name="pk_pairwise_subject"),
        sa.UniqueConstraint("sub", name="uq_pairwise_subject_sub"),
        _refers("pairwise_subject", "person_id", "person", "id"),
        schema=S,
    )
    for table, column in (
        ("refresh_family", "login_id"),
        ("refresh_family", "expires_at"),
        ("refresh_token", "code_digest"),
        ("refresh_token", "expires_at"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column], schema=S)


def _refers(table: str, column: str, to: str, there: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{S}.{to}.{there}"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def downgrade() -> None:
    for table in ("pairwise_subject", "refresh_token", "refresh_family"):
        op.drop_table(table, schema=S)
    for name, _kind in reversed(CLIENT_COLUMNS):
        op.drop_column("client", name, schema=S)
    op.drop_column("login", "sid_key", schema=S)
