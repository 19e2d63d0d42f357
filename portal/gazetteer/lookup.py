"""Which gazetteer this application asks."""

from flask import Flask, current_app

from portal import outbound
from portal.db.session import release
from portal.errors import SetupError
from portal.gazetteer.demo import DemoGazetteer
from portal.gazetteer.os_places import OsPlaces
from portal.gazetteer.values import Gazetteer
from portal.settings.portal import Settings

EXTENSION = "moothall.gazetteer"


def install(app: Flask, settings: Settings) -> None:
    """Give `app` its gazetteer, as the settings say."""
    app.extensions[EXTENSION] = _made(settings)


def gazetteer() -> Gazetteer:
    """This application's gazetteer. It may ask the network, so the page's connection is given back first."""
    release()
    installed: Gazetteer = current_app.extensions[EXTENSION]
    return installed


def _made(settings: Settings) -> Gazetteer:
    chosen = settings.gazetteer
    if chosen.source == "demo":
        return DemoGazetteer()
    if chosen.os_places_key is None:
        raise SetupError("MOOTHALL_GAZETTEER__OS_PLACES_KEY: OS Places needs its key.")
    client = outbound.client(allow_loopback=settings.is_loopback)
    return OsPlaces(chosen.os_places_url, chosen.os_places_key.get_secret_value(), client)
