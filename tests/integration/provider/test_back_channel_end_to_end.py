"""The portal and our provider in one process over real HTTP, as in the demo: what ends there ends here."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import text
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from portal.app import create_app
from portal.cli.demo_data import _register_ourselves
from portal.cli.demo_environment import CLIENT_ID
from portal.db.session import session
from portal.provider.app import create_provider
from portal.provider.operations import register_person
from portal.settings.own_provider import OwnProvider
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from tests.integration.provider.flows import PASSWORD, SECRET, close, letters
from tests.support.settings import settings_for
from tests.support.worker import work

Application = Callable[[dict[str, Any], Any], Any]
EMAIL = "priya@example.org"


@dataclass
class Town:
    """What listens."""

    app: Flask
    url: str


@pytest.fixture
def town(clean_database: str) -> Iterator[Town]:
    """The portal with the provider under /id, and the portal as its client as the demo registers it."""
    server = make_server("127.0.0.1", 0, lambda *call: served(*call), threaded=True)
    url = f"http://localhost:{server.port}"
    settings = settings_of(clean_database, url)
    app = create_app(settings)
    own = create_provider(settings)  # not `with_provider`, which keeps it where no test can close it
    served: Application = DispatcherMiddleware(app.wsgi_app, {"/id": own.wsgi_app})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    with app.app_context():
        _register_ourselves(settings)
        register_person(email=EMAIL, password=PASSWORD, given_name="Priya", family_name="Shah", verified=True)
        session().commit()
    yield Town(app, url)
    server.shutdown()
    thread.join()
    server.server_close()
    for each in (app, own):
        close(each)


def settings_of(database_url: str, url: str) -> Settings:
    ours = Provider(issuer=f"{url}/id", client_id=CLIENT_ID, client_secret=SecretStr(SECRET))
    return settings_for(
        database_url,
        demo=True,
        public_url=url,
        own_provider=OwnProvider(mounted=True, issuer=f"{url}/id"),
        providers={"moothall": ours},
    )


def press(browser: requests.Session, page: str, to: str | None = None, **values: str) -> requests.Response:
    """Send the form of a page, as a person does, and follow where it leads."""
    shown = browser.get(page, timeout=10)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
    assert token, shown.text
    headers = {"Origin": page.partition("/id/")[0].partition("/sign-in")[0]}
    return browser.post(to or shown.url, data={"csrf_token": token[1], **values}, headers=headers, timeout=10)


def signed_in(town: Town) -> requests.Session:
    """A browser of Priya's with a session at the portal."""
    browser = requests.Session()
    page = press(browser, f"{town.url}/sign-in", f"{town.url}/sign-in/moothall", next="/home")
    home = press(browser, page.url, email=EMAIL, password=PASSWORD)
    assert home.url == f"{town.url}/home", home.text
    return browser


def is_in(town: Town, browser: requests.Session) -> bool:
    answer = browser.get(f"{town.url}/home", timeout=10, allow_redirects=False)
    return answer.status_code == 200


def run_jobs(town: Town) -> None:
    with town.app.app_context():
        work()


def test_op_15_a_new_password_at_the_provider_ends_the_portal_s_sessions(town: Town) -> None:
    at_home, at_the_library, stranger = signed_in(town), signed_in(town), requests.Session()
    press(stranger, f"{town.url}/id/forgotten-password", email=EMAIL)
    link = re.search(r"http://localhost:\d+/id/new-password/\S+", letters(town.app)[-1].body)
    assert link
    press(stranger, link[0], password="another three words")
    assert is_in(town, at_home)  # until the worker has told the portal
    run_jobs(town)
    assert not is_in(town, at_home)
    assert not is_in(town, at_the_library)
    with town.app.app_context():
        query = "select count(*) from portal.audit_entry where act = 'provider.client_told'"
        assert session().execute(text(query)).scalar_one() == 2


def test_op_15_signing_out_at_the_provider_ends_that_browser_s_session_alone(town: Town) -> None:
    here, there = signed_in(town), signed_in(town)
    press(here, f"{town.url}/id/logout", f"{town.url}/id/sign-out")
    run_jobs(town)
    assert not is_in(town, here)
    assert is_in(town, there)
