"""The demo's stand-ins, from the fault panel: how each was told to behave, and telling it, over HTTP as anybody would.

Nothing of a stand-in is imported: it is somebody else's system, which happens to be played.
"""

from dataclasses import dataclass
from typing import Final

import requests
from flask import current_app
from pydantic import BaseModel, ConfigDict, ValidationError

from portal import outbound
from portal.db.session import release
from portal.errors import Unavailable
from portal.payments.govuk_pay import OFFICE as PAY
from portal.registry.discovery import Mounted
from portal.registry.standins import address_of
from portal.settings.portal import Settings
from portal.web.languages import gettext as _
from portal.web.state import web_state

WAITS: Final = 2.0
"""Seconds for one stand-in: its panel answers at once, whatever it plays."""
BESIDE: Final = {PAY: "/standin/pay", "messages": "/standin/notify", "provider-": "/id"}
"""Where the demo plays what is no service's: see `portal.app.with_provider`."""
JSON: Final = {"Accept": "application/json"}


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore")

    answers: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Told:
    """How a stand-in was told to behave."""

    answers: str
    seconds: float


def standin_of(name: str, settings: Settings) -> str:
    """Where the stand-in for one of the portal's own systems is; empty outside the demo, or where another is used."""
    used = {PAY: settings.pay.url, "messages": settings.notify.base_url, "provider-": f"{settings.public_url}/id"}
    address = f"{settings.public_url}{BESIDE[name]}"
    if name == "provider-" and not settings.own_provider.mounted:
        return ""
    return address if settings.demo and used[name] == address else ""


def standin_of_service(each: Mounted) -> str:
    """Where a service's stand-in is; empty where none is played."""
    return address_of(current_app, each, web_state().settings) or ""


def how(address: str) -> Told | None:
    """How it was told to behave; None when its panel does not answer."""
    release()
    try:
        with outbound.within(WAITS), outbound.client(allow_loopback=True) as client:
            answer = client.get(f"{address}/faults", headers=JSON)
        read = _Told.model_validate_json(answer.content)
    except (requests.RequestException, ValidationError):
        return None
    return Told(read.answers, read.seconds)


def tell(address: str, *, answers: str, seconds: float) -> None:
    """Have it behave like that from now on. Raises Unavailable."""
    release()
    try:
        with outbound.within(WAITS), outbound.client(allow_loopback=True) as client:
            answer = client.put(f"{address}/faults", json={"answers": answers, "seconds": seconds})
    except requests.RequestException:
        answer = None
    if answer is None or not answer.ok:
        raise Unavailable(_("The stand-in did not take that. It behaves as before."))
