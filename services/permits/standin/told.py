"""How the stand-in was told to behave: one row in a schema of its own, where every process of it sees it."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, Engine, Integer, MetaData, Table, create_engine, make_url, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

SCHEMA: Final = "permits_standin"
Answers = Literal["right", "slow", "down", "wrong", "busy"]

metadata = MetaData(schema=SCHEMA)
control = Table("control", metadata, Column("id", Integer, primary_key=True), Column("how", JSONB, nullable=False))
_HOW = select(control.c.how).where(control.c.id == 1)


class Behaviour(BaseModel):
    """`right`; `slow`, after `seconds`; `down`, 503; `wrong`, 200 with a page of somebody else's; `busy`, 429."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: Answers = "right"
    seconds: float = Field(12, ge=0, le=120)


class Told:
    """The stand-in's own way to its database, shared with nothing of the portal's."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": 3, "options": "-c statement_timeout=5000 -c timezone=UTC"},
            pool_pre_ping=True,
            pool_size=2,
            hide_parameters=True,
        )

    def make_table(self) -> None:
        """The schema with its table, unless it is there."""
        with self.engine.begin() as db:
            db.execute(text(f"select pg_advisory_xact_lock(hashtext('{SCHEMA}'))"))
            db.execute(text(f"create schema if not exists {SCHEMA}"))
            metadata.create_all(db)

    def how(self) -> Behaviour:
        """How to behave; right, until something else was told."""
        with self.engine.begin() as db:
            return Behaviour.model_validate(db.execute(_HOW).scalar_one_or_none() or {})

    def tell(self, told: Behaviour) -> None:
        """Behave like that from now on."""
        made = upsert(control).values(id=1, how=told.model_dump(mode="json"))
        with self.engine.begin() as db:
            db.execute(made.on_conflict_do_update(index_elements=["id"], set_={"how": made.excluded.how}))
