"""The job queue's own tables, in the schema `jobs`."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("create schema jobs")
    connection.exec_driver_sql("set local search_path to jobs")
    # Through the driver and without parameters: the text has several statements and bare per cent signs.
    connection.connection.cursor().execute(SchemaManager.get_schema())
    connection.exec_driver_sql("set local search_path to default")


def downgrade() -> None:
    op.execute("drop schema jobs cascade")
