"""The audit trail takes entries and gives none up: by grants, by trigger, and chained by hash."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLES = ("audit_entry", "audit_link", "audit_head")
SEARCHED = (("at", "id"), ("act", "at", "id"), ("actor", "at", "id"))


def upgrade() -> None:
    _make_the_chain()
    for columns in SEARCHED:
        op.create_index(f"ix_audit_entry_{'_'.join(columns)}", "audit_entry", list(columns), schema="portal")
    _guard_by_trigger()
    _guard_by_grants()


def downgrade() -> None:
    op.drop_table("audit_head", schema="portal")
    op.drop_table("audit_link", schema="portal")
    op.execute("drop trigger append_only on portal.audit_entry")
    op.execute("drop function portal.refuse_to_change_the_audit_trail()")
    for columns in SEARCHED:
        op.drop_index(f"ix_audit_entry_{'_'.join(columns)}", "audit_entry", schema="portal")
    op.execute("grant update, delete, truncate on portal.audit_entry to current_user")


def _make_the_chain() -> None:
    op.create_table(
        "audit_link",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_link"),
        sa.UniqueConstraint("entry_id", name="uq_audit_link_entry_id"),
        schema="portal",
    )
    op.create_table(
        "audit_head",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_head"),
        schema="portal",
    )
    op.create_index("ix_audit_head_sealed_at_number", "audit_head", ["sealed_at", "number"], schema="portal")


def _guard_by_trigger() -> None:
    """For each statement and not for each row: an `on conflict do update` that meets no conflict is refused too."""
    op.execute(
        """
        create function portal.refuse_to_change_the_audit_trail() returns trigger language plpgsql as $$
        begin
            raise exception 'the audit trail is append-only: % of %.% is refused',
                tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
        end
        $$
        """
    )
    for table in TABLES:
        op.execute(
            f"create trigger append_only before update or delete or truncate on portal.{table}"
            " for each statement execute function portal.refuse_to_change_the_audit_trail()"
        )


def _guard_by_grants() -> None:
    """From everybody who was given them, our own role too; whoever owns a table may give itself the right again."""
    op.execute(
        """
        do $$
        declare
            each record;
        begin
            for each in
                select distinct kept.relname, given.grantee
                from pg_class kept,
                    aclexplode(coalesce(kept.relacl, acldefault('r', kept.relowner))) given
                where kept.oid in ('portal.audit_entry'::regclass, 'portal.audit_link'::regclass,
                        'portal.audit_head'::regclass)
                    and given.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')
            loop
                execute format('revoke update, delete, truncate on portal.%I from %s', each.relname,
                    case each.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(each.grantee)) end);
            end loop;
        end
        $$
        """
    )
