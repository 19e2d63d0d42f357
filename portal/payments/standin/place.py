"""Where the stand-in is, and where one of its requests finds its memory and its secrets."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from flask import current_app, g
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert

from portal.payments.standin.behaviour import Behaviour
from portal.payments.standin.store import Store, control
from portal.settings.portal import Settings
from portal.standins.faulty import standin_told

PATH: Final = "/standin/pay"
CALLBACK: Final = "/payments/events"
KEY: Final = "moothall.pay_standin"
_HOW = select(control.c.how).where(control.c.id == 1)


@dataclass(frozen=True, slots=True)
class Place:
    """What one stand-in has for itself."""

    store: Store
    address: str
    """Where others reach it, without a last slash."""
    token: str
    """The API key that it lets in."""
    secret: str
    """What webhooks are signed with. Empty: none are sent."""
    callback: str
    """Where webhooks go."""

    @property
    def path(self) -> str:
        """The path of its address, to which its cookie belongs."""
        return urlsplit(self.address).path or "/"


def is_mounted(settings: Settings) -> bool:
    """Whether the settings lead to the stand-in beside the portal. Never outside the demo."""
    return settings.demo and settings.pay.is_set and settings.pay.url == f"{settings.public_url}{PATH}"


def place() -> Place:
    """That of this request."""
    found: Place = current_app.extensions[KEY]
    return found


def listen(db: Connection) -> Behaviour:
    """Learn for this request how it was told to behave."""
    g.behaviour = how(db).later(standin_told().later)
    return told()


def told() -> Behaviour:
    """How it was told to behave when this request came in."""
    known: Behaviour = g.behaviour
    return known


def how(db: Connection) -> Behaviour:
    """How it was told to behave."""
    return Behaviour.model_validate(db.execute(_HOW).scalar_one_or_none() or {})


def tell(db: Connection, what: Behaviour) -> None:
    """Behave like that from now on."""
    made = upsert(control).values(id=1, how=what.model_dump(mode="json"))
    db.execute(made.on_conflict_do_update(index_elements=["id"], set_={"how": made.excluded.how}))
