"""Where a request finds the stand-in's memory, its secret and its day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask import current_app, g
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.kit import clock
from services.council_tax.standin.behaviour import Behaviour
from services.council_tax.standin.store import Store, control

KEY: Final = "council_tax.standin"
_HOW = select(control.c.how).where(control.c.id == 1)


@dataclass(frozen=True, slots=True)
class Place:
    """What one stand-in has for itself. `address` is where others reach it."""

    store: Store
    secret: str
    address: str


def place() -> Place:
    """That of this request."""
    found: Place = current_app.extensions[KEY]
    return found


def how(db: Connection) -> Behaviour:
    """How it was told to behave."""
    return Behaviour.model_validate(db.execute(_HOW).scalar_one_or_none() or {})


def tell(db: Connection, told: Behaviour) -> None:
    """Behave like that from now on."""
    made = upsert(control).values(id=1, how=told.model_dump(mode="json"))
    db.execute(made.on_conflict_do_update(index_elements=["id"], set_={"how": made.excluded.how}))


def tell_first(db: Connection, told: Behaviour) -> None:
    """Behave like that unless something was told before."""
    made = upsert(control).values(id=1, how=told.model_dump(mode="json"))
    db.execute(made.on_conflict_do_nothing())


def told() -> Behaviour:
    """How it was told to behave when this request came in."""
    known: Behaviour = g.behaviour
    return known


def now() -> datetime:
    """The moment, on the day that it takes for today."""
    moment, pretended = clock.now(), told().today
    return moment + (pretended - clock.today()) if pretended else moment


def today() -> date:
    """The day that it takes for today."""
    return told().today or clock.today()
