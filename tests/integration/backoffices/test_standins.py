"""Stand-ins beside the portal: in the demo alone, where the settings lead to them, reached over HTTP."""

import dataclasses
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from flask import Flask
from pydantic import SecretStr

from portal.db.session import dispose
from portal.errors import SetupError
from portal.kit import Standin
from portal.registry.discovery import Mounted, discover
from portal.registry.standins import environment_for, played_beside
from portal.settings.portal import Settings
from tests.support.settings import settings_for

SLUG = "council_tax"
KEY = f"moothall.settings.{SLUG}"
ADDRESS = "http://localhost/standin/council_tax"
URL, TOKEN = "MOOTHALL_COUNCIL_TAX_URL", "MOOTHALL_COUNCIL_TAX_TOKEN"
PLAYED = "tests.support.played:create"


def create(database_url: str, address: str, secret: str) -> WSGIApplication:
    """A stand-in that says how it was made."""

    def played(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return ["|".join((database_url, address, secret)).encode()]

    return played


@pytest.fixture
def council_tax(monkeypatch: pytest.MonkeyPatch) -> Mounted:
    """The service, with a stand-in of the tests."""
    module = ModuleType("tests.support.played")
    module.__dict__["create"] = create
    monkeypatch.setitem(sys.modules, module.__name__, module)
    found = next(each for each in discover() if each.slug == SLUG)
    service = dataclasses.replace(found.service, standin=Standin(create=PLAYED))
    return dataclasses.replace(found, service=service)


@pytest.fixture
def told(portal_app: Flask) -> Iterator[Any]:
    """Sets what the service's settings say."""
    before = portal_app.extensions[KEY]

    def tell(url: str) -> None:
        portal_app.extensions[KEY] = type(before)(url=url, token=SecretStr("the token"))

    yield tell
    portal_app.extensions[KEY] = before


def beside(app: Flask, service: Mounted, settings: Settings) -> dict[str, WSGIApplication]:
    with app.app_context():
        made = dict(played_beside(app, [service], settings))
        dispose()
    return made


def test_the_demo_leads_each_service_to_its_stand_in(council_tax: Mounted) -> None:
    told = environment_for([council_tax], "http://localhost", {}, lambda name: f"secret of {name}")
    assert told == {URL: ADDRESS, TOKEN: "secret of council_tax-standin-secret"}


@pytest.mark.parametrize("name", [URL, TOKEN])
def test_a_system_that_is_set_is_left_alone(council_tax: Mounted, name: str) -> None:
    assert environment_for([council_tax], "http://localhost", {name: "x"}, lambda name: name) == {}


def test_a_service_without_a_stand_in_needs_none(council_tax: Mounted) -> None:
    without = dataclasses.replace(council_tax, service=dataclasses.replace(council_tax.service, standin=None))
    assert environment_for([without], "http://localhost", {}, lambda name: name) == {}


def test_it_is_made_where_the_settings_lead_to_it(
    portal_app: Flask, council_tax: Mounted, told: Any, database_url: str
) -> None:
    told(ADDRESS)
    made = beside(portal_app, council_tax, settings_for(database_url, demo=True))
    assert set(made) == {"/standin/council_tax"}
    (said,) = made["/standin/council_tax"]({}, lambda *_: None)  # type: ignore[arg-type,misc]  # as little as it needs
    assert said.decode() == f"{database_url}|{ADDRESS}|the token"


@pytest.mark.parametrize("url", ["https://system.council.example", "http://localhost/standin/other"])
def test_it_is_not_made_when_they_lead_elsewhere(
    portal_app: Flask, council_tax: Mounted, told: Any, database_url: str, url: str
) -> None:
    told(url)
    assert beside(portal_app, council_tax, settings_for(database_url, demo=True)) == {}


def test_it_is_never_made_outside_the_demo(
    portal_app: Flask, council_tax: Mounted, told: Any, database_url: str
) -> None:
    told(ADDRESS)
    assert beside(portal_app, council_tax, settings_for(database_url)) == {}


@pytest.mark.parametrize("create", ["tests.support.nowhere:create", "tests.support.played:other"])
def test_one_that_is_not_there_stops_the_start_with_a_sentence(
    portal_app: Flask, council_tax: Mounted, told: Any, database_url: str, create: str
) -> None:
    told(ADDRESS)
    service = dataclasses.replace(council_tax.service, standin=Standin(create=create))
    with pytest.raises(SetupError, match="has no stand-in at"):
        beside(portal_app, dataclasses.replace(council_tax, service=service), settings_for(database_url, demo=True))


def test_every_stand_in_that_is_named_is_there() -> None:
    for each in discover():
        if each.service.standin is not None:
            module, _, name = each.service.standin.create.partition(":")
            assert callable(getattr(importlib.import_module(module), name)), each.slug
