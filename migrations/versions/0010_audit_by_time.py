"""Read the audit trail by the time of the acts."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_entry_account_id_at_id", "audit_entry", ["account_id", "at", "id"], schema="portal")
    op.drop_index("ix_audit_entry_account_id_id", "audit_entry", schema="portal")


def downgrade() -> None:
    op.create_index("ix_audit_entry_account_id_id", "audit_entry", ["account_id", "id"], schema="portal")
    op.drop_index("ix_audit_entry_account_id_at_id", "audit_entry", schema="portal")
