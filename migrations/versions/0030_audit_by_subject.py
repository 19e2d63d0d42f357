"""Read the audit trail by what the acts were about."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_entry_subject_at_id", "audit_entry", ["subject", "at", "id"], schema="portal")


def downgrade() -> None:
    op.drop_index("ix_audit_entry_subject_at_id", "audit_entry", schema="portal")
