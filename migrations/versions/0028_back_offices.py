"""What the portal knows of back offices: their health, their last good answers, what waits to be sent to them."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _make_offices()
    _make_answers()
    _make_deliveries()


def downgrade() -> None:
    for table in ("delivery", "last_answer", "back_office"):
        op.drop_table(table, schema="portal")


def _make_offices() -> None:
    op.create_table(
        "back_office",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("last_good_at", MOMENT, nullable=True),
        sa.Column("last_bad_at", MOMENT, nullable=True),
        sa.Column("last_fault", sa.String(40), nullable=False),
        sa.CheckConstraint("state in ('closed', 'open')", name=op.f("ck_back_office_state")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_back_office")),
        schema="portal",
    )


def _make_answers() -> None:
    op.create_table(
        "last_answer",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("as_of_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name=op.f("fk_last_answer_account_id")),
        sa.PrimaryKeyConstraint("account_id", "service", "key", name=op.f("pk_last_answer")),
        schema="portal",
    )
    op.create_index("ix_last_answer_as_of_at", "last_answer", ["as_of_at"], schema="portal")


def _make_deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("about", sa.String(120), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("state", sa.String(13), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.Column("office_away", sa.Boolean(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint("state in ('waiting', 'delivered', 'undeliverable')", name=op.f("ck_delivery_state")),
        sa.CheckConstraint("(state = 'waiting') = (sealed is not null)", name=op.f("ck_delivery_sealed")),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name=op.f("fk_delivery_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["portal.case.id"], name=op.f("fk_delivery_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        schema="portal",
    )
    waiting = sa.text("state = 'waiting'")
    line = ["account_id", "service", "number"]
    op.create_index("ix_delivery_account_id_service_number", "delivery", line, schema="portal")
    op.create_index("ix_delivery_case_id", "delivery", ["case_id"], schema="portal")
    op.create_index("ix_delivery_line", "delivery", line, schema="portal", postgresql_where=waiting)
    op.create_index(
        "ix_delivery_due", "delivery", ["service", "retry_at", "number"], schema="portal", postgresql_where=waiting
    )
    op.create_index("ix_delivery_oldest", "delivery", ["service", "number"], schema="portal", postgresql_where=waiting)
    op.create_index(
        "ix_delivery_away",
        "delivery",
        ["service"],
        schema="portal",
        postgresql_where=sa.text("state = 'waiting' and office_away"),
    )
    op.create_index(
        "ix_delivery_done", "delivery", ["done_at"], schema="portal", postgresql_where=sa.text("state <> 'waiting'")
    )
