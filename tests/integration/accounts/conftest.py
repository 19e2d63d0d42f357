"""The profile pages with a resident signed in, without the rooms that they do not need."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import html5lib
import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts import setup as accounts
from portal.accounts.operations import account_for_identity
from portal.accounts.queries import get_account
from portal.accounts.values import Account
from portal.db import session as database
from portal.gazetteer import lookup
from portal.home import outbox, profile
from portal.web import setup
from tests.support.settings import ISSUER, settings_for

HTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="session")
def profile_app(database_url: str) -> Iterator[Flask]:
    """Web, gazetteer and the profile pages. Made once: compiling all templates takes most of a second."""
    app = Flask("portal")
    settings = settings_for(database_url, demo=True)
    database.install(app, database_url)
    setup.install(app, settings, name="moothall")
    lookup.install(app, settings)
    home = Blueprint("home", __name__)
    home.add_url_rule("/home", "home", lambda: "home")
    accounts.install(app)
    for room in (home, profile.bp, outbox.bp):
        app.register_blueprint(room)
    setup.compile_templates(app)
    app.testing = True
    yield app
    with app.app_context():
        for engine in database.db.engines.values():
            engine.dispose()


@pytest.fixture
def app(profile_app: Flask, clean_database: str) -> Flask:
    """The application on an empty database."""
    return profile_app


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with its context open: for functions that no page calls."""
    with app.app_context():
        yield app


@pytest.fixture
def sign_in(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], "Resident"]:
    """Signs somebody in: every page is theirs from then on."""

    def sign_in(name: str) -> Resident:
        claims = {
            "given_name": name,
            "family_name": "Jones",
            "email": f"{name.lower()}@example.org",
            "email_verified": True,
        }
        with app.app_context():
            account = account_for_identity(issuer=ISSUER, subject=name, claims=claims)
            database.session().commit()
        for module in (*profile.PAGES, profile):
            monkeypatch.setattr(module, "current_account", lambda: get_account(account.id))
        return Resident(app, app.test_client(), account)

    return sign_in


@pytest.fixture
def ann(sign_in: Callable[[str], "Resident"]) -> "Resident":
    """Ann Jones, signed in."""
    return sign_in("Ann")


@dataclass
class Resident:
    """A browser in which somebody is signed in."""

    app: Flask
    client: FlaskClient
    account: Account

    def get(self, path: str, status: int = 200) -> str:
        """A page, looked at."""
        return checked(self.client.get(path), status)

    def hidden(self, page: str) -> dict[str, str]:
        """The hidden inputs of the page."""
        first = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
        return dict(first + re.findall(r'name="([^"]+)" type="hidden" value="([^"]*)"', page))

    def send(self, path: str, values: Mapping[str, object], status: int = 303, page: str | None = None) -> TestResponse:
        """Fill in the form of the page and send it. `page`: one that was fetched earlier."""
        hidden = self.hidden(page if page is not None else self.get(path))
        answer = self.client.post(path, data={**hidden, **values})
        if status == 303:
            assert answer.status_code == status, answer.get_data(as_text=True)
        else:
            checked(answer, status)
        return answer

    def refused(self, path: str, values: Mapping[str, object], *, status: int = 200) -> list[str]:
        """Send what will be refused; the sentences of the error summary."""
        page = self.send(path, values, status).get_data(as_text=True)
        sentences = errors(page)
        assert sentences, page
        return sentences


def errors(page: str) -> list[str]:
    """The sentences of the error summary."""
    found = re.search(r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', page, re.DOTALL)
    if found is None:
        return []
    return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL)]


def checked(answer: TestResponse, status: int) -> str:
    """The page, when it is sound: one h1 that begins the title, unique ids, strict HTML."""
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page
    tree = html5lib.HTMLParser(strict=True).parse(page)
    (heading,) = tree.iter(f"{HTML}h1")
    title = next(iter(tree.iter(f"{HTML}title"))).text or ""
    words = " ".join("".join(heading.itertext()).split())
    assert title.removeprefix("Error: ").removeprefix("Gwall: ").startswith(words), (title, words)
    ids = [element.get("id") for element in tree.iter() if isinstance(element.tag, str) and element.get("id")]
    assert len(ids) == len(set(ids)), ids
    return page
