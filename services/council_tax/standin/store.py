"""What the stand-in knows: tables in a schema of its own, which nobody else reads. Made when it starts.

Money is whole pence. An entry of the ledger is positive when it adds to what is owed; `account.balance` is the sum of
its entries, and `instalment.paid` what of the year's payments fell to it, both kept by `ledger.py` under the account's
lock, so that lists need no sums.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Identity,
    Index,
    Integer,
    MetaData,
    Sequence,
    SmallInteger,
    String,
    Table,
    Text,
    create_engine,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SCHEMA: Final = "council_tax_standin"

metadata = MetaData(schema=SCHEMA)
_moment = DateTime(timezone=True)

account = Table(
    "account",
    metadata,
    Column("reference", String(12), primary_key=True),
    Column("uprn", String(12), nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("postcode", String(8), nullable=False),
    Column("band", String(1), nullable=False),
    Column("listed_on", Date, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("method", String(20), nullable=False, server_default="card"),
    Column("many", SmallInteger, nullable=False, server_default="10"),
    Column("day", SmallInteger, nullable=False, server_default="1"),
    Column("protected", Boolean, nullable=False, server_default="false"),
    Column("send_to", JSONB),
    Column("balance", BigInteger, nullable=False, server_default="0"),
    Column("billed_year", SmallInteger, nullable=False, server_default="0"),
    Column("kept_on", Date, nullable=False),
    Index("ix_account_uprn", "uprn"),
)
liable = Table(
    "liable",
    metadata,
    Column("reference", String(12), primary_key=True),
    Column("person_id", String(40), primary_key=True),
    Column("place", SmallInteger, nullable=False, server_default="1"),
    Column("name", Text, nullable=False),
    Column("role", String(10), nullable=False),
    Column("since_on", Date, nullable=False),
    Column("until_on", Date),
    Column("e_billing", Boolean, nullable=False, server_default="false"),
    Index("ix_liable_person", "person_id", "reference"),
)
adjustment = Table(
    "adjustment",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("reference", String(12), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("code", String(40), nullable=False),
    Column("since_on", Date, nullable=False),
    Column("until_on", Date),
    Column("review_on", Date),
    Column("percent", SmallInteger, nullable=False, server_default="0"),
    Column("days", SmallInteger, nullable=False, server_default="0"),
    Column("pence", BigInteger, nullable=False, server_default="0"),
)
entry = Table(
    "entry",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("reference", String(12), nullable=False),
    Column("on", Date, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("code", String(40), nullable=False, server_default=""),
    Column("pence", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Index("ix_entry_newest", "reference", "id"),
)
instalment = Table(
    "instalment",
    metadata,
    Column("reference", String(12), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("due_on", Date, nullable=False),
    Column("pence", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False, server_default="0"),
    Column("cancelled", Boolean, nullable=False, server_default="false"),
)
debit = Table(
    "debit",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("reference", String(12), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("day", SmallInteger, nullable=False),
    Column("payer_name", Text, nullable=False),
    Column("account_ending", String(2), nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date),
    Column("made_at", _moment, nullable=False),
)
step = Table(
    "step",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("reference", String(12), nullable=False, index=True),
    Column("year", SmallInteger, nullable=False),
    Column("step", String(20), nullable=False),
    Column("on", Date, nullable=False),
    Column("pence", BigInteger, nullable=False),
    Column("costs", BigInteger, nullable=False, server_default="0"),
)
bill = Table(
    "bill",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("reference", String(12), nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("number", BigInteger, Identity(), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("pence", BigInteger, nullable=False),
    Column("body", JSONB, nullable=False),
    Index("ix_bill_newest", "reference", "number"),
)
change = Table(
    "change",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("reference", String(12), nullable=False),
    Column("person_id", String(40), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("state", String(20), nullable=False),
    Column("answer", JSONB, nullable=False),
    Column("asked_at", _moment, nullable=False),
    Index("ix_change_waiting", "reference", postgresql_where=text("state = 'with_officer'")),
)
payment = Table(
    "payment",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("asked", JSONB, nullable=False),
    Column("answer", JSONB, nullable=False),
)
call = Table(
    "call",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", _moment, nullable=False),
    Column("method", String(10), nullable=False),
    Column("path", Text, nullable=False),
    Column("key", String(100), nullable=False, index=True),
)
control = Table("control", metadata, Column("id", Integer, primary_key=True), Column("how", JSONB, nullable=False))
next_reference = Sequence("next_reference", start=80000001, metadata=metadata, schema=SCHEMA)
"""References of accounts that residents open; those of the demo's people and of load runs are others."""


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
