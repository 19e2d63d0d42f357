"""Switch a service off and on while everything runs. Read at each request, so that it works at once everywhere."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, delete, literal, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.audit.operations import record
from portal.db.session import at_once, session
from portal.db.snapshots import SNAPSHOT, remember_snapshot
from portal.errors import Refused, Unavailable
from portal.registry.models import ServiceSwitch
from portal.web.languages import current_language
from portal.web.languages import gettext as _

LONGEST_REASON = 300
_ALL = select(ServiceSwitch.slug, ServiceSwitch.reason, ServiceSwitch.reason_cy).order_by(ServiceSwitch.slug)
_ANYHOW = select(literal(1).label("one")).subquery()
_ONE = select(
    SNAPSHOT.label("snapshot"), ServiceSwitch.slug, ServiceSwitch.reason, ServiceSwitch.reason_cy
).select_from(_ANYHOW.outerjoin(ServiceSwitch, ServiceSwitch.slug == bindparam("asked")))
"""Of one service, and in the same breath what the database shows: one row always."""


class ServiceOff(Unavailable):
    """The service is switched off; the sentence is the reason that residents are given."""


def reasons() -> Mapping[str, str]:
    """The services that are off, each with its reason in the resident's language."""
    return {row["slug"]: _reason(row) for row in at_once(_ALL, {})}


def refuse_when_off(slug: str) -> None:
    """Raise ServiceOff when the service is switched off."""
    reason = reasons().get(slug)
    if reason is not None:
        raise ServiceOff(reason)


def refuse_programs_when_off(slug: str) -> None:
    """The same where programs call. What the database shows is asked along: an answer may be at hand for that."""
    (row,) = at_once(_ONE, {"asked": slug})
    remember_snapshot(str(row["snapshot"]))
    if row["slug"] is not None:
        raise ServiceOff(_reason(row))


def switch_off(slug: str, *, actor: str, reason: str = "", reason_cy: str = "") -> None:
    """Switch a service off. Doing it again changes the reason."""
    if max(len(reason), len(reason_cy)) > LONGEST_REASON:
        raise Refused(f"The reason is longer than {LONGEST_REASON} characters.")
    values = {"reason": reason, "reason_cy": reason_cy or reason}
    statement = insert(ServiceSwitch).values(slug=slug, off_since=clock.now(), **values)
    session().execute(statement.on_conflict_do_update(index_elements=["slug"], set_=values))
    record("service.switched_off", actor=actor, subject=f"service:{slug}")


def switch_on(slug: str, *, actor: str) -> None:
    """Switch a service on again. Doing it twice is the same as once."""
    session().execute(delete(ServiceSwitch).where(ServiceSwitch.slug == slug))
    record("service.switched_on", actor=actor, subject=f"service:{slug}")


def _reason(row: Mapping[str, Any]) -> str:  # of a switch
    words: str = row["reason_cy"] if current_language() == "cy" else row["reason"]
    return words or _default()


def _default() -> str:
    return _("This service is closed for the moment.")
