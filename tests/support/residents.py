"""Residents at their browsers: who fetches a page has it looked at, who sends a form brings its token."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal.accounts.values import Account
from portal.db.session import db
from tests.support.client import Client, client_for
from tests.support.people import sign_in, someone

PAGE_WITH_A_FORM = "/your-data"


@dataclass
class Resident:
    """One browser in which somebody is signed in."""

    account: Account
    client: Client

    def get(self, path: str, status: int = 200) -> str:
        """A page."""
        response = self.client.get(path)
        assert response.status_code == status, (response.status_code, response.location)
        return response.get_data(as_text=True)

    def post(self, path: str, status: int = 303, **values: Any) -> TestResponse:
        """Send these values and the token of the last page that had a form, whatever the page asks for."""
        response = self.client.post(path, data={"csrf_token": self._token(), **values})
        response.request.environ["wsgi.input"].close()  # a large form lies in a file, which the test client leaves open
        assert response.status_code == status, (response.status_code, response.get_data(as_text=True))
        return response

    def refused(self, path: str, **values: Any) -> list[str]:
        """Send what will be refused; the sentences of the error summary."""
        self.post(path, status=200, **values)
        sentences = [sentence for _target, sentence in self.client.page.errors]
        assert sentences, self.client.page.html
        return sentences

    def _token(self) -> str:
        if not hasattr(self.client, "page") or not self.client.page.all("input", name="csrf_token"):
            self.get(PAGE_WITH_A_FORM)
        return str(self.client.page.all("input", name="csrf_token")[0].get("value"))


def resident(app: Flask, name: str) -> Resident:
    """Somebody signed in with a browser of their own. The same name again is the same person at another browser."""
    account, client = someone(app, name), client_for(app)
    sign_in(app, client, account)
    return Resident(account, client)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements sent meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
