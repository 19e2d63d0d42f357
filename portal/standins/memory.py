"""What the systems that we play were told: a row for each, in a schema of its own, where every process sees it."""

from typing import Final

from sqlalchemy import URL, Column, Engine, MetaData, String, Table, bindparam, create_engine, make_url, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.pool import NullPool

from portal.standins.modes import Faults

SCHEMA: Final = "standins"

metadata = MetaData(schema=SCHEMA)
told = Table("told", metadata, Column("name", String(60), primary_key=True), Column("how", JSONB, nullable=False))
_HOW = select(told.c.how).where(told.c.name == bindparam("name"))
_new = upsert(told)
_TELL = _new.on_conflict_do_update(index_elements=["name"], set_={"how": _new.excluded.how})


class Memory:
    """One stand-in's way to its row, shared with nothing of the portal's."""

    def __init__(self, url: str | URL, name: str) -> None:
        self._name = name
        self._engine: Engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": 3, "options": "-c statement_timeout=5000 -c timezone=UTC"},
            poolclass=NullPool,  # a demo asks a few times a second, and whoever parts into processes holds nothing
            hide_parameters=True,
        )

    def make_table(self) -> None:
        """The schema with its table, unless it is there."""
        with self._engine.begin() as db:
            db.execute(text(f"select pg_advisory_xact_lock(hashtext('{SCHEMA}'))"))
            db.execute(text(f"create schema if not exists {SCHEMA}"))
            metadata.create_all(db)

    def how(self) -> Faults:
        """How to behave; right, until something else was told."""
        with self._engine.connect() as db:
            return Faults.model_validate(db.execute(_HOW, {"name": self._name}).scalar_one_or_none() or {})

    def tell(self, faults: Faults) -> None:
        """Behave like that from now on."""
        with self._engine.begin() as db:
            db.execute(_TELL, {"name": self._name, "how": faults.model_dump(mode="json")})
