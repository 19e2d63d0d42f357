"""Payments: baskets, payments, refunds, words of the gateway, and a double-entry ledger that always balances."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LEDGER = ("ledger_transaction", "ledger_entry")


def upgrade() -> None:
    _make_baskets()
    _make_payments()
    _make_lines()
    _make_refunds()
    _make_ledger()
    _make_events()
    _refuse_changes()
    _revoke_changes()
    _hold_the_balance()


def downgrade() -> None:
    for table in ("payment_event", "ledger_entry", "ledger_transaction"):
        op.drop_table(table, schema="portal")
    for function in ("refuse_to_change_the_ledger", "refuse_what_does_not_balance"):
        op.execute(f"drop function portal.{function}()")
    for table in ("refund", "payment_line", "payment", "basket_line"):
        op.drop_table(table, schema="portal")


def _make_baskets() -> None:
    op.create_table(
        "basket_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_basket_line"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_basket_line_account_id"),
        sa.UniqueConstraint("account_id", "service", "code", "key", name="uq_basket_line_account_id_service_code_key"),
        sa.CheckConstraint("amount > 0", name="ck_basket_line_amount"),
        schema="portal",
    )
    _index("basket_line", "account_id", "added_at", "id")
    _index("basket_line", "added_at")


def _make_payments() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(13), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(255), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("return_hash", sa.String(64), nullable=True),
        sa.Column("gateway_id", sa.String(80), nullable=True),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("ask_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("sending_until_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.ForeignKeyConstraint(["account_id"], ["portal.account.id"], name="fk_payment_account_id"),
        sa.UniqueConstraint("reference", name="uq_payment_reference"),
        sa.UniqueConstraint("account_id", "key", name="uq_payment_account_id_key"),
        sa.UniqueConstraint("return_hash", name="uq_payment_return_hash"),
        sa.UniqueConstraint("gateway_id", name="uq_payment_gateway_id"),
        sa.CheckConstraint(
            "state in ('created', 'started', 'paid', 'failed', 'cancelled', 'expired', 'error')",
            name="ck_payment_state",
        ),
        sa.CheckConstraint("amount > 0", name="ck_payment_amount"),
        sa.CheckConstraint("(state in ('created', 'started')) = (ended_at is null)", name="ck_payment_ended"),
        sa.CheckConstraint("gateway_id is not null or state not in ('started', 'paid')", name="ck_payment_known"),
        schema="portal",
    )
    _index("payment", "account_id", "made_at", "id")
    _index("payment", "made_at", "id")
    _index_some("ix_payment_to_ask", "payment", ["ask_at", "id"], "ask_at is not null")
    _index_some("uq_payment_open", "payment", ["account_id"], "state in ('created', 'started')", unique=True)


def _make_lines() -> None:
    op.create_table(
        "payment_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("ledger", sa.String(60), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("paid_at", MOMENT, nullable=True),
        sa.Column("tell_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment_line"),
        sa.ForeignKeyConstraint(["payment_id"], ["portal.payment.id"], name="fk_payment_line_payment_id"),
        sa.UniqueConstraint("payment_id", "number", name="uq_payment_line_payment_id_number"),
        sa.CheckConstraint("amount > 0", name="ck_payment_line_amount"),
        sa.CheckConstraint("refunded between 0 and amount", name="ck_payment_line_refunded"),
        sa.CheckConstraint(
            "outcome in ('', 'taken', 'not_wanted', 'twice', 'failed', 'other_amount')", name="ck_payment_line_outcome"
        ),
        sa.CheckConstraint("outcome <> '' or refunded = 0", name="ck_payment_line_paid_first"),
        sa.CheckConstraint("(outcome = 'failed') = (tell_at is not null)", name="ck_payment_line_tell"),
        schema="portal",
    )
    _index("payment_line", "service", "code", "key")
    loose = "outcome in ('not_wanted', 'twice', 'failed', 'other_amount')"
    _index_some("ix_payment_line_suspense", "payment_line", ["payment_id"], loose)
    _index_some("ix_payment_line_tell", "payment_line", ["tell_at", "id"], "outcome = 'failed'")


def _make_refunds() -> None:
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("gateway_id", sa.String(80), nullable=True),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("available", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("ask_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refund"),
        sa.ForeignKeyConstraint(["payment_id"], ["portal.payment.id"], name="fk_refund_payment_id"),
        sa.ForeignKeyConstraint(["line_id"], ["portal.payment_line.id"], name="fk_refund_line_id"),
        sa.UniqueConstraint("line_id", "key", name="uq_refund_line_id_key"),
        sa.UniqueConstraint("gateway_id", "line_id", name="uq_refund_gateway_id_line_id"),
        sa.CheckConstraint("state in ('created', 'submitted', 'success', 'error')", name="ck_refund_state"),
        sa.CheckConstraint("amount > 0", name="ck_refund_amount"),
        sa.CheckConstraint("(state in ('created', 'submitted')) = (ended_at is null)", name="ck_refund_ended"),
        sa.CheckConstraint("gateway_id is not null or state in ('created', 'error')", name="ck_refund_known"),
        schema="portal",
    )
    _index("refund", "payment_id", "made_at", "id")
    _index("refund", "made_at", "id")
    _index_some("ix_refund_to_ask", "refund", ["ask_at", "id"], "state in ('created', 'submitted')")
    _index_some("ix_refund_untold", "refund", ["ask_at", "id"], "state in ('success', 'error') and told_at is null")
    _index_some("ix_refund_refused", "refund", ["made_at", "id"], "state = 'error'")
    _index_some("uq_refund_sent", "refund", ["payment_id"], "state = 'created' and sent_at is not null", unique=True)


def _make_ledger() -> None:
    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_transaction"),
        sa.ForeignKeyConstraint(["payment_id"], ["portal.payment.id"], name="fk_ledger_transaction_payment_id"),
        sa.UniqueConstraint("kind", "source", name="uq_ledger_transaction_kind_source"),
        schema="portal",
    )
    _index("ledger_transaction", "payment_id")
    _index("ledger_transaction", "made_at", "id")
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("side", sa.String(6), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entry"),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["portal.ledger_transaction.id"], name="fk_ledger_entry_transaction_id"
        ),
        sa.CheckConstraint("side in ('debit', 'credit')", name="ck_ledger_entry_side"),
        sa.CheckConstraint("pence > 0", name="ck_ledger_entry_pence"),
        schema="portal",
    )
    _index("ledger_entry", "transaction_id")
    _index("ledger_entry", "account", "id")


def _make_events() -> None:
    op.create_table(
        "payment_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("message_id", sa.String(100), nullable=False),
        sa.Column("event_type", sa.String(60), nullable=False),
        sa.Column("gateway_id", sa.String(80), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("result", sa.String(12), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment_event"),
        sa.UniqueConstraint("message_id", name="uq_payment_event_message_id"),
        sa.CheckConstraint("result in ('asked', 'unknown', 'other_amount')", name="ck_payment_event_result"),
        schema="portal",
    )
    _index("payment_event", "received_at")
    _index_some("ix_payment_event_unknown", "payment_event", ["received_at", "id"], "result = 'unknown'")


def _refuse_changes() -> None:
    """For each statement, as for the audit trail: an upsert that meets no conflict is refused too."""
    op.execute(
        """
        create function portal.refuse_to_change_the_ledger() returns trigger language plpgsql as $$
        begin
            raise exception 'the ledger is append-only: % of %.% is refused; enter a transaction that corrects it',
                tg_op, tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
        end
        $$
        """
    )
    for table in LEDGER:
        op.execute(
            f"create trigger append_only before update or delete or truncate on portal.{table}"
            " for each statement execute function portal.refuse_to_change_the_ledger()"
        )


def _revoke_changes() -> None:
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
                where kept.oid in ('portal.ledger_transaction'::regclass, 'portal.ledger_entry'::regclass)
                    and given.privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')
            loop
                execute format('revoke update, delete, truncate on portal.%I from %s', each.relname,
                    case each.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(each.grantee)) end);
            end loop;
        end
        $$
        """
    )


def _hold_the_balance() -> None:
    """At commit and not before, because a transaction is entered line by line. One with no entry is refused too."""
    op.execute(
        """
        create function portal.refuse_what_does_not_balance() returns trigger language plpgsql as $$
        declare
            entered uuid := case tg_table_name
                when 'ledger_entry' then (to_jsonb(new) ->> 'transaction_id')::uuid
                else (to_jsonb(new) ->> 'id')::uuid end;
            debits bigint;
            credits bigint;
        begin
            select coalesce(sum(pence) filter (where side = 'debit'), 0),
                coalesce(sum(pence) filter (where side = 'credit'), 0)
                into debits, credits from portal.ledger_entry where transaction_id = entered;
            if debits <> credits or debits = 0 then
                raise exception 'ledger transaction % does not balance: % pence debited, % pence credited',
                    entered, debits, credits using errcode = 'check_violation';
            end if;
            return null;
        end
        $$
        """
    )
    for table in LEDGER:
        op.execute(
            f"create constraint trigger balances after insert on portal.{table} deferrable initially deferred"
            " for each row execute function portal.refuse_what_does_not_balance()"
        )


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), schema="portal")


def _index_some(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, schema="portal", unique=unique, postgresql_where=sa.text(where))
