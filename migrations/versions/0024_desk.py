"""Saved filters, bulk acts, and who is looking at what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_viewers()
    _add_indexes_of_worklists()
    _make_saved_filters()
    _make_bulk_acts()
    _make_days()
    _make_forms()


def downgrade() -> None:
    for table in ("form_day", "form_begun", "case_day", "bulk_item", "bulk_act", "saved_filter"):
        op.drop_table(table, schema="portal")
    for index in ("open_due", "open_newest", "closed_newest", "opened_on", "closed_on"):
        op.drop_index(f"ix_case_{index}", "case", schema="portal")
    op.drop_table("case_viewer", schema="portal")


def _make_viewers() -> None:
    """Who has which case open."""
    op.create_table(
        "case_viewer",
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("portal.case.id"), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("portal.staff_member.id"), primary_key=True),
        sa.Column("acting", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        schema="portal",
    )
    op.create_index("ix_case_viewer_seen_at", "case_viewer", ["seen_at"], schema="portal")


def _add_indexes_of_worklists() -> None:
    still_open, closed = sa.text("closed_at is null"), sa.text("closed_at is not null")
    op.create_index("ix_case_open_due", "case", ["due_at", "id"], schema="portal", postgresql_where=still_open)
    op.create_index("ix_case_open_newest", "case", ["opened_at", "id"], schema="portal", postgresql_where=still_open)
    op.create_index("ix_case_closed_newest", "case", ["closed_at", "id"], schema="portal", postgresql_where=closed)
    for name in ("opened", "closed"):
        day = sa.text(f"(({name}_at at time zone 'Europe/London')::date)")
        op.create_index(f"ix_case_{name}_on", "case", [day], schema="portal")


def _make_saved_filters() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("portal.staff_member.id"), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("filter", JSONB(), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("staff_id", "name", name="uq_saved_filter_staff_id_name"),
        schema="portal",
    )
    op.create_index(
        "uq_saved_filter_default",
        "saved_filter",
        ["staff_id"],
        unique=True,
        schema="portal",
        postgresql_where=sa.text("is_default"),
    )
    op.create_index(
        "ix_saved_filter_team",
        "saved_filter",
        ["team", "name", "id"],
        schema="portal",
        postgresql_where=sa.text("team <> ''"),
    )


def _make_bulk_acts() -> None:
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("portal.staff_member.id"), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("values", JSONB(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("capped", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('chosen', 'preview', 'running', 'done', 'cancelled')", name=op.f("ck_bulk_act_state")
        ),
        schema="portal",
    )
    op.create_index("ix_bulk_act_staff_id_made_at_id", "bulk_act", ["staff_id", "made_at", "id"], schema="portal")
    op.create_index("ix_bulk_act_made_at", "bulk_act", ["made_at"], schema="portal")
    op.create_table(
        "bulk_item",
        sa.Column("bulk_id", sa.Uuid(), sa.ForeignKey("portal.bulk_act.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.Uuid(), sa.ForeignKey("portal.case.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome in ('waiting', 'cannot', 'done', 'refused', 'left')", name=op.f("ck_bulk_item_outcome")
        ),
        schema="portal",
    )
    op.create_index(
        "ix_bulk_item_waiting",
        "bulk_item",
        ["bulk_id", "position"],
        schema="portal",
        postgresql_where=sa.text("outcome = 'waiting'"),
    )
    op.create_index("ix_bulk_item_case_id", "bulk_item", ["case_id"], schema="portal")


def _make_days() -> None:
    """What came in and was finished on each day, added up for the statistics."""
    op.create_table(
        "case_day",
        sa.Column("day", sa.Date(), primary_key=True),
        *(sa.Column(name, sa.String(40), primary_key=True) for name in ("service", "type", "team", "area")),
        sa.Column("channel", sa.String(20), primary_key=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("opened", "closed", "met", "missed", "rated", "stars")
        ),
        sa.Column("took", ARRAY(sa.Integer()), nullable=False),
        schema="portal",
    )


def _make_forms() -> None:
    """Which forms were begun and which were sent, and the days of it added up."""
    op.create_table(
        "form_begun",
        sa.Column("id", sa.Uuid(), primary_key=True),
        *(sa.Column(name, sa.String(40), nullable=False) for name in ("service", "journey")),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        schema="portal",
    )
    begun_on = sa.text("((begun_at at time zone 'Europe/London')::date)")
    op.create_index("ix_form_begun_on", "form_begun", [begun_on], schema="portal")
    op.create_table(
        "form_day",
        sa.Column("day", sa.Date(), primary_key=True),
        *(sa.Column(name, sa.String(40), primary_key=True) for name in ("service", "journey")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("begun", "sent")),
        schema="portal",
    )
