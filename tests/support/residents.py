"""The whole portal with residents signed in, without a provider: the session is begun as sign-in would begin it."""

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal.accounts.values import Account
from portal.app import create_app
from portal.db.session import db
from portal.identity.assurance import Assurance
from portal.identity.operations import start_session
from portal.identity.relying_party import Proven
from tests.support.settings import ISSUER, settings_for

HTML = "{http://www.w3.org/1999/xhtml}"


@contextmanager
def running(database_url: str) -> Iterator[Flask]:
    """The whole portal as it is served, with files in memory."""
    app = create_app(settings_for(database_url, demo=True))
    app.testing = True
    yield app
    with app.app_context():
        db.engine.dispose()


@dataclass
class Resident:
    """One browser in which somebody is signed in. Every page that it fetches is looked at."""

    app: Flask
    account: Account
    client: FlaskClient
    token: str = field(default="", repr=False)

    def get(self, path: str, status: int = 200) -> str:
        """A page."""
        return self._looked_at(self.client.get(path), status)

    def post(self, path: str, status: int = 302, **values: Any) -> TestResponse:
        """Send a form, with the token of the last page that had one."""
        if not self.token:
            self.get("/your-data")
        answer = self.client.post(path, data={"csrf_token": self.token, **values})
        answer.request.environ["wsgi.input"].close()  # a large form lies in a file, which the test client leaves open
        if status == 302:
            assert answer.status_code == 302, answer.get_data(as_text=True)
        else:
            self._looked_at(answer, status)
        return answer

    def follow(self, answer: TestResponse) -> str:
        """The page that an answer leads to."""
        return self.get(answer.location)

    def refused(self, path: str, **values: Any) -> list[str]:
        """Send what will be refused; the sentences of the error summary."""
        page = self.post(path, status=200, **values).get_data(as_text=True)
        sentences = errors(page)
        assert sentences, page
        return sentences

    def _looked_at(self, answer: TestResponse, status: int) -> str:
        page = sound(answer, status)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        self.token = found[1] if found else self.token
        return page


def sign_in(app: Flask, name: str, claims: Mapping[str, object] | None = None) -> Resident:
    """Somebody signed in with a browser of their own. The same name again is the same person elsewhere."""
    values = {"given_name": name, "email": f"{name.lower()}@example.org", "email_verified": True} | dict(claims or {})
    proven = Proven("moothall", ISSUER, name, None, None, Assurance.LOW, "", values)
    with app.app_context():
        account, cookie = start_session(
            proven, old_cookie=None, old_browser="", new_browser=uuid.uuid4().hex, device=""
        )
        db.session.commit()
    client = app.test_client()
    client.set_cookie("moothall_session", cookie)
    return Resident(app, account, client)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements sent meanwhile, transactions left out."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def errors(page: str) -> list[str]:
    """The sentences of the error summary."""
    found = re.search(r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', page, re.DOTALL)
    if found is None:
        return []
    return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL)]


def sound(answer: TestResponse, status: int) -> str:
    """The page, when it is strict HTML with one h1 that begins the title, ids of its own, and no inline style."""
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, (answer.status_code, answer.location, page)
    if "html" not in answer.content_type:
        return page
    tree = html5lib.HTMLParser(strict=True).parse(page)
    (heading,) = tree.iter(f"{HTML}h1")
    title = next(iter(tree.iter(f"{HTML}title"))).text or ""
    words = " ".join("".join(heading.itertext()).split())
    assert title.removeprefix("Error: ").removeprefix("Gwall: ").startswith(words), (title, words)
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    ids = [element.get("id") for element in elements if element.get("id")]
    assert len(ids) == len(set(ids)), ids
    assert not [element for element in elements if element.get("style")], "inline style"
    return page
