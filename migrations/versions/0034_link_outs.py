"""Remote applications that write to a resident's home, whom each knows, and whom it has yet to forget."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = "kind in ('card', 'task', 'activity')"
COLOURS = "tag_colour in ('grey', 'green', 'blue', 'red', 'yellow', 'orange')"


def upgrade() -> None:
    _make_applications()
    _make_people()
    _make_items()
    _make_erasures()


def downgrade() -> None:
    for table in ("link_out_erasure", "link_out_item", "link_out_person", "link_out"):
        op.drop_table(table, schema="portal")


def _make_applications() -> None:
    op.create_table(
        "link_out",
        sa.Column("slug", sa.String(30), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_cy", sa.String(60), nullable=False),
        sa.Column("summary", sa.String(200), nullable=False),
        sa.Column("summary_cy", sa.String(200), nullable=False),
        sa.Column("url", sa.String(300), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("scopes", ARRAY(sa.String(10)), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("token_made_at", MOMENT, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_link_out"),
        sa.UniqueConstraint("token_hash", name="uq_link_out_token_hash"),
        schema="portal",
    )


def _make_people() -> None:
    op.create_table(
        "link_out_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(30), nullable=False),
        sa.Column("known_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_link_out_person"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_link_out_person_account_id"),
        sa.ForeignKeyConstraint(["slug"], ["portal.link_out.slug"], name="fk_link_out_person_slug", ondelete="CASCADE"),
        sa.UniqueConstraint("account_id", "slug", name="uq_link_out_person_account_id_slug"),
        schema="portal",
    )
    op.create_index("ix_link_out_person_slug", "link_out_person", ["slug"], schema="portal")
    op.create_index("ix_link_out_person_seen_at", "link_out_person", ["seen_at"], schema="portal")


def _make_items() -> None:
    op.create_table(
        "link_out_item",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("title_cy", sa.String(80), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("text_cy", sa.String(300), nullable=False),
        sa.Column("tag", sa.String(24), nullable=False),
        sa.Column("tag_cy", sa.String(24), nullable=False),
        sa.Column("tag_colour", sa.String(6), nullable=False),
        sa.Column("action_needed", sa.Boolean(), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "kind", "key", name="pk_link_out_item"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["portal.link_out_person.id"], name="fk_link_out_item_person_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint(KINDS, name=op.f("ck_link_out_item_kind")),
        sa.CheckConstraint(COLOURS, name=op.f("ck_link_out_item_tag_colour")),
        schema="portal",
    )
    op.create_index("ix_link_out_item_expires_at", "link_out_item", ["expires_at"], schema="portal")


def _make_erasures() -> None:
    op.create_table(
        "link_out_erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(30), nullable=False),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_link_out_erasure"),
        sa.ForeignKeyConstraint(
            ["slug"], ["portal.link_out.slug"], name="fk_link_out_erasure_slug", ondelete="CASCADE"
        ),
        schema="portal",
    )
    op.create_index(
        "ix_link_out_erasure_slug_erased_at_id", "link_out_erasure", ["slug", "erased_at", "id"], schema="portal"
    )
    op.create_index("ix_link_out_erasure_erased_at", "link_out_erasure", ["erased_at"], schema="portal")
