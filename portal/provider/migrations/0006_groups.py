"""What people belong to as staff."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "person",
        sa.Column("groups", sa.ARRAY(sa.String(200)), nullable=False, server_default=sa.text("'{}'")),
        schema="provider",
    )
    op.alter_column("person", "groups", server_default=None, schema="provider")


def downgrade() -> None:
    op.drop_column("person", "groups", schema="provider")
    op.execute("update provider.client set scopes = array_remove(scopes, 'groups')")
