"""What the contractor's system keeps: how it was told to behave, reports and what was done about them.

In a schema of its own, where every process of it sees it and nothing of the portal's is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    create_engine,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.kit import clock

SCHEMA: Final = "reporting_standin"
MOST: Final = 1000
Takes = Literal["with_id", "with_token", "never"]

metadata = MetaData(schema=SCHEMA)
control = Table("control", metadata, Column("id", Integer, primary_key=True), Column("how", JSONB, nullable=False))
job = Table(
    "job",
    metadata,
    Column("number", Integer, Identity(start=1001), primary_key=True),
    Column("key", String(200), unique=True),
    Column("fields", JSONB, nullable=False),
    Column("status", String(40), nullable=False),
    Column("came_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
step = Table(
    "step",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("job", ForeignKey(job.c.number), nullable=False),
    Column("key", String(200), unique=True),
    Column("by_us", Integer, nullable=False),
    Column("status", String(40), nullable=False),
    Column("words", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
)
CLOSED: Final = frozenset({"CLOSED", "FIXED", "DUPLICATE", "NOT_COUNCILS_RESPONSIBILITY", "NO_FURTHER_ACTION"})


class Behaviour(BaseModel):
    """What it says to a report, beside the faults that every stand-in has: an id, a token for one, or 400."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    takes: Takes = "with_id"


class Works:
    """The stand-in's own way to its database."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": 3, "options": "-c statement_timeout=5000 -c timezone=UTC"},
            pool_pre_ping=True,
            pool_size=4,
            hide_parameters=True,
        )

    def make_tables(self) -> None:
        """The schema with its tables, unless they are there."""
        with self.engine.begin() as db:
            db.execute(text(f"select pg_advisory_xact_lock(hashtext('{SCHEMA}'))"))
            db.execute(text(f"create schema if not exists {SCHEMA}"))
            metadata.create_all(db)

    def how(self) -> Behaviour:
        """How to behave; right, until something else was told."""
        with self.engine.begin() as db:
            found = db.execute(select(control.c.how).where(control.c.id == 1)).scalar_one_or_none()
            return Behaviour.model_validate(found or {})

    def tell(self, told: Behaviour) -> None:
        """Behave like that from now on."""
        made = upsert(control).values(id=1, how=told.model_dump(mode="json"))
        with self.engine.begin() as db:
            db.execute(made.on_conflict_do_update(index_elements=["id"], set_={"how": made.excluded.how}))

    def take(self, key: str | None, fields: Mapping[str, Sequence[str]]) -> int:
        """The number of a new job; of the one that came with this key before."""
        now = clock.now()
        row = {"key": key, "fields": dict(fields), "status": "OPEN", "came_at": now, "changed_at": now}
        with self.engine.begin() as db:
            made = upsert(job).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(job.c.number)
            number = db.execute(made).scalar_one_or_none()
            return int(number or db.execute(select(job.c.number).where(job.c.key == key)).scalar_one())

    def jobs(self, numbers: Sequence[int] | None = None) -> Sequence[RowMapping]:
        """These jobs, or the newest of all."""
        found = select(job).order_by(job.c.number.desc()).limit(MOST)
        with self.engine.begin() as db:
            return db.execute(found if numbers is None else found.where(job.c.number.in_(numbers))).mappings().all()

    def note(self, number: int, *, status: str, words: str, by_us: bool, key: str | None = None) -> bool:
        """Write down a step of a job; False when there is no such job. Ours gives the job its status."""
        now = clock.now()
        with self.engine.begin() as db:
            if db.execute(select(job.c.number).where(job.c.number == number)).one_or_none() is None:
                return False
            row = {"job": number, "key": key, "by_us": int(by_us), "status": status, "words": words, "at": now}
            db.execute(upsert(step).values(row).on_conflict_do_nothing(index_elements=["key"]))
            if by_us:
                db.execute(update(job).where(job.c.number == number).values(status=status, changed_at=now))
            return True

    def steps(self, since: datetime, until: datetime) -> Sequence[RowMapping]:
        """What we said between two moments, oldest first."""
        found = select(step).where(step.c.by_us == 1, step.c.at >= since, step.c.at < until)
        with self.engine.begin() as db:
            return db.execute(found.order_by(step.c.at, step.c.number).limit(MOST)).mappings().all()

    def heard(self) -> Sequence[RowMapping]:
        """What the council told us of its residents' words, newest first."""
        with self.engine.begin() as db:
            return db.execute(select(step).where(step.c.by_us == 0).order_by(step.c.number.desc())).mappings().all()
