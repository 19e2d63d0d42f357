"""What the stand-in knows: tables in a schema of its own, which nobody else reads. Made when it starts.

Money is whole pence.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Identity,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    create_engine,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA: Final = "pay_standin"
AnyRow = Row[Any]  # a row of one of the tables below, which Core does not type

metadata = MetaData(schema=SCHEMA)
_moment = DateTime(timezone=True)
_id = String(26)

payment = Table(
    "payment",
    metadata,
    Column("id", _id, primary_key=True),
    Column("number", BigInteger, Identity(), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("reference", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("return_url", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("delayed_capture", Boolean, nullable=False),
    Column("email", Text),
    Column("metadata", JSONB),
    Column("status", String(20), nullable=False),
    Column("code", String(5), nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False),
    Column("charged_at", _moment),
    Column("captured_at", _moment),
    Column("captured_on", Date),
    Column("settled_on", Date),
    Column("provider_id", Text),
    Column("card", JSONB),
    Column("refunded", Integer, nullable=False, server_default="0"),
    CheckConstraint("refunded between 0 and amount", name="refunded"),
    Index("ix_payment_newest", "created_at", "number"),
    Index("ix_payment_reference", text("lower(reference)")),
    Index("ix_payment_expires", "expires_at", postgresql_where=text("status in ('created', 'started', 'submitted')")),
    Index("ix_payment_charged", "charged_at", postgresql_where=text("charged_at is not null")),
)
"""`charged_at` is when a payment that failed will turn out to be a success."""
token = Table(
    "token",
    metadata,
    Column("value", String(40), primary_key=True),
    Column("payment_id", _id, nullable=False, index=True),
    Column("used_at", _moment),
)
visit = Table(
    "visit",
    metadata,
    Column("secret", String(64), primary_key=True),
    Column("payment_id", _id, nullable=False, index=True),
)
"""Which browser is on the pages of which payment."""
event = Table(
    "event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("payment_id", _id, nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("code", String(5), nullable=False),
    Column("at", _moment, nullable=False),
)
refund = Table(
    "refund",
    metadata,
    Column("id", _id, primary_key=True),
    Column("number", BigInteger, Identity(), nullable=False),
    Column("payment_id", _id, nullable=False, index=True),
    Column("amount", Integer, nullable=False),
    Column("status", String(10), nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("turns_at", _moment),
    Column("turns_to", String(10), nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    Index("ix_refund_newest", "created_at", "number"),
    Index("ix_refund_turns", "turns_at", postgresql_where=text("status = 'submitted'")),
)
key = Table(
    "key",
    metadata,
    Column("value", String(255), primary_key=True),
    Column("payment_id", _id, nullable=False),
    Column("asked", JSONB, nullable=False),
    Column("at", _moment, nullable=False),
)
message = Table(
    "message",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("payment_id", _id, nullable=False, index=True),
    Column("event_type", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("forged", Boolean, nullable=False),
    Column("due_at", _moment, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
)
write = Table(
    "write",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("at", _moment, nullable=False),
    Index("ix_write_lately", "kind", "at"),
)
"""The writes of the last minute, to hold callers to the limits."""
control = Table("control", metadata, Column("id", Integer, primary_key=True), Column("how", JSONB, nullable=False))


class Store:
    """The stand-in's way to its database: an engine of its own, so that nothing of the portal's is shared."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": 3, "options": "-c statement_timeout=5000 -c timezone=UTC"},
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=15,
            hide_parameters=True,
        )

    def make_tables(self) -> None:
        """The schema with its tables, unless they are there."""
        with self.engine.begin() as db:
            db.execute(text(f"select pg_advisory_xact_lock(hashtext('{SCHEMA}'))"))
            db.execute(text(f"create schema if not exists {SCHEMA}"))
            metadata.create_all(db)

    @contextmanager
    def work(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends well."""
        with self.engine.begin() as db:
            yield db
