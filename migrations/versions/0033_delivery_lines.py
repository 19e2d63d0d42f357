"""Deliveries wait in a line of their own for each system that they go to, where a service sends to several."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WAITING = "state = 'waiting'"
AWAY = "state = 'waiting' and office_away"


def upgrade() -> None:
    op.add_column("delivery", sa.Column("line", sa.String(40), server_default="", nullable=False), schema="portal")
    _index("ix_delivery_line", ["account_id", "service", "line", "number"], WAITING)
    _index("ix_delivery_due", ["service", "line", "retry_at", "number"], WAITING)
    _index("ix_delivery_away", ["service", "line"], AWAY)


def downgrade() -> None:
    _index("ix_delivery_line", ["account_id", "service", "number"], WAITING)
    _index("ix_delivery_due", ["service", "retry_at", "number"], WAITING)
    _index("ix_delivery_away", ["service"], AWAY)
    op.drop_column("delivery", "line", schema="portal")


def _index(name: str, columns: list[str], some: str) -> None:
    """In the place of the one of that name."""
    op.drop_index(name, table_name="delivery", schema="portal")
    op.create_index(name, "delivery", columns, schema="portal", postgresql_where=sa.text(some))
