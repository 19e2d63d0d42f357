"""The worked example of `services/LINK_OUT.md`: a remote application in Node, run by the commands of that page."""

import os
import re
import shlex
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
import requests
from click.testing import CliRunner
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import text
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from portal.app import create_app
from portal.cli.main import commands
from portal.db.session import dispose, session
from portal.home.forgetting import forget_person
from portal.provider import operations
from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from tests.peers.installing import ROOT
from tests.peers.resident import Resident
from tests.peers.running import Peer, free_port, running, served
from tests.peers.values import EMAIL, PASSWORD, PLAIN_SECRET
from tests.support.settings import settings_for
from tests.support.worker import work

PAGE = (ROOT / "services" / "LINK_OUT.md").read_text()
FOLDER = ROOT / "tests" / "peers" / "link_out"


def blocks(language: str) -> list[str]:
    """The code on the page in that language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@dataclass
class Town:
    """A portal, its provider and the tool library, each at an address of its own."""

    app: Flask
    address: str
    tools: str
    token: str
    peer: Peer

    def api(self, method: str, path: str, token: str = "", **sent: object) -> requests.Response:
        """A call of the API."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return requests.request(method, f"{self.address}/api/link-out/v1{path}", headers=headers, timeout=20, **sent)  # type: ignore[arg-type]  # json, if anything

    def resident(self, email: str) -> Resident:
        """A browser of somebody who has signed in at the portal."""
        found = Resident(self.address)
        page = found.press(found.get("/sign-in?next=/home"), "/sign-in/town")
        page = found.press(page, "password", email=email, password=PASSWORD)
        assert page.url == f"{self.address}/home", page.text
        return found

    def press(self, who: Resident, path: str) -> None:
        """A button of the tool library."""
        page = who.browser.post(f"{self.tools}{path}", headers={"Origin": self.tools}, timeout=20)
        assert page.status_code == 200, page.text

    def run(self, query: str) -> list[tuple[object, ...]]:
        """What the database says."""
        with self.app.app_context():
            return [tuple(row) for row in session().execute(text(query))]


@pytest.fixture
def town(clean_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """All three, the application registered and started as the page says."""
    at, tools_at = free_port(), free_port()
    address, tools = f"http://localhost:{at}", f"http://localhost:{tools_at}"
    settings = settings_of(clean_database, address)
    app, provider = create_app(settings), create_provider(settings)
    with provider.app_context():
        callback = f"{address}/auth/town/callback"
        operations.ensure_client("portal", title="Town", redirect_uris=[callback], secret=PLAIN_SECRET)
        for name, email in (("Priya", EMAIL), ("Robin", "robin@example.org")):
            operations.register_person(
                email=email, password=PASSWORD, given_name=name, family_name="Shah", verified=True
            )
        session().commit()
    ours = {"https://tools.example": tools, "https://portal.example": address, "PORT=8443": f"PORT={tools_at}"}
    registering, starting = (replaced(block, ours) for block in blocks("sh"))
    secret, token = register(registering, environment_of(clean_database, address))
    given = {"the-secret": secret, "the-token": token, "EVERY_SECONDS=60": "EVERY_SECONDS=0.2"}
    *exports, start = replaced(starting, given).strip().splitlines()
    for line in exports:
        for each in shlex.split(line)[1:]:
            monkeypatch.setenv(*each.split("=", 1))
    try:
        # One provider for both, so that it can be disposed of: what a process mounts for itself lives as long as it.
        both = DispatcherMiddleware(app.wsgi_app, {"/id": provider.wsgi_app})
        with served(both, at), running(shlex.split(start), env=os.environ) as peer:
            yield Town(app, address, tools, token, peer)
    finally:
        for application in (app, provider):
            with application.app_context():
                dispose()


def settings_of(database_url: str, address: str) -> Settings:
    relying = Provider(issuer=f"{address}/id", client_id="portal", client_secret=SecretStr(PLAIN_SECRET))
    own = OwnProvider(mounted=True)
    return settings_for(database_url, public_url=address, providers={"town": relying}, own_provider=own)


def environment_of(database_url: str, address: str) -> dict[str, str]:
    """The same, as commands have it."""
    return {
        "MOOTHALL_DATABASE_URL": database_url,
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_PUBLIC_URL": address,
        "MOOTHALL_MAIL__HOST": "127.0.0.1",
        "MOOTHALL_PROVIDERS__TOWN__ISSUER": f"{address}/id",
        "MOOTHALL_PROVIDERS__TOWN__CLIENT_ID": "portal",
        "MOOTHALL_PROVIDERS__TOWN__CLIENT_SECRET": PLAIN_SECRET,
    }


def register(lines: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Do the commands of the page. The client's secret and the application's token, as they were printed."""
    said = ""
    for line in lines.strip().splitlines():
        done = CliRunner().invoke(commands, shlex.split(line)[1:], env=environment)
        assert done.exit_code == 0, (done.output, done.exception)
        said += done.output
    ((secret, token),) = re.findall(r"client_secret +(\S+).*^token +(\S+)", said, re.S | re.M)
    return secret, token


def replaced(words: str, by: Mapping[str, str]) -> str:
    for old, new in by.items():
        words = words.replace(old, new)
    return words


def test_the_code_on_the_page_is_that_of_the_example() -> None:
    source = "".join(path.read_text() for path in sorted(FOLDER.glob("*.mjs")))
    assert blocks("js")
    assert [block for block in blocks("js") if block not in source] == []


def test_a_remote_application_is_one_of_the_residents_services(town: Town) -> None:
    assert f'href="{town.tools}/"' in requests.get(town.address, timeout=20).text, "strangers see that there is one"
    priya = town.resident(EMAIL)
    page = priya.get(f"{town.tools}/")  # she is signed in there without a password
    assert (page.url, "Hello Priya Shah" in page.text) == (f"{town.tools}/", True)
    assert town.run("select 1 from portal.link_out_item") == []

    town.press(priya, "/borrow")
    home = priya.get("/home").text
    assert "1 tool on loan" in home
    assert "Opens another site: " in home
    assert "You borrowed the ladder" in priya.get("/activity").text
    assert "Bring the ladder back" in priya.get("/tasks").text
    assert "Fe wnaethoch chi fenthyg yr ysgol" in priya.get("/activity?lang=cy").text
    town.press(priya, "/return")
    assert "No tools on loan" in priya.get("/home?lang=en").text
    assert "Bring the ladder back" not in priya.get("/tasks").text

    refuses_what_is_not_its_own(town)
    signs_out_there_too(town, priya)
    forgets_whom_the_portal_forgets(town)


def refuses_what_is_not_its_own(town: Town) -> None:
    ((hers,),) = town.run("select id from portal.link_out_person")
    card = {"title": "x", "as_of": "2026-11-23T06:00:00Z", "url": "https://elsewhere.example/"}
    assert town.api("PUT", f"/residents/{hers}/cards/x", json=card).status_code == 422
    assert town.api("PUT", f"/residents/{hers}/cards/x", token="a-strangers", json=card).status_code == 401
    robin = Resident(town.address)  # who has signed in to the tool library alone: nobody whom the portal knows
    page = robin.get(f"{town.tools}/")
    page = robin.press(page, "password", email="robin@example.org", password=PASSWORD)
    assert "Hello Robin Shah" in page.text, "the application works all the same"
    town.press(robin, "/borrow")
    assert town.run("select id from portal.link_out_person") == [(hers,)]


def signs_out_there_too(town: Town, priya: Resident) -> None:
    priya.press(priya.get("/home"), "/sign-out")
    with town.app.app_context():
        work()
    page = priya.get(f"{town.tools}/")
    assert page.url.startswith(f"{town.address}/id/"), "asked for the password again"


def forgets_whom_the_portal_forgets(town: Town) -> None:
    ((account, hers),) = town.run("select account_id, id from portal.link_out_person")
    with town.app.test_request_context("/"):
        forget_person(account)  # type: ignore[arg-type]  # a UUID, as the column says
        session().commit()
    town.peer.wait_for(f"forgot {hers}")
    until = time.monotonic() + 10
    while town.run("select 1 from portal.link_out_erasure") and time.monotonic() < until:
        time.sleep(0.05)
    assert town.run("select 1 from portal.link_out_erasure union select 1 from portal.link_out_person") == []
