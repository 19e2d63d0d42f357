"""A test client that reads every page it fetches, and fails on one that is not as every page must be.

It fails too when a request leaves changes behind that nobody has committed.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import Flask, g, has_app_context, request_finished
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.conformance.pages import Page, faults


class Client(FlaskClient):
    """Flask's test client, with judgement. `client.page` is the last HTML page."""

    page: Page
    check_pages = True

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; read the page that comes back."""
        unsaved: list[str] = []

        def look(_sender: Flask, **_extra: Any) -> None:
            unsaved.extend(left_behind())

        with request_finished.connected_to(look, self.application), self._of_its_own():
            response = super().open(*args, **kwargs)
        assert not unsaved, f"{response.request.path} left changes that nobody committed: {unsaved}"
        if response.mimetype == "text/html" and response.data and not 300 <= response.status_code < 400:
            self.page = Page(response.get_data(as_text=True))
            if self.check_pages:
                wrong = faults(self.page)
                assert not wrong, f"{response.request.path}: " + "; ".join(wrong)
        return response

    def _of_its_own(self) -> AbstractContextManager[object]:
        """A new context where a test holds one open: Flask would have the request share its `g` and session."""
        return self.application.app_context() if has_app_context() else nullcontext()

    def submit(self, /, _to: str | None = None, _files: dict[str, Any] | None = None, **changes: Any) -> TestResponse:
        """Fill in the form of the last page that has these fields and send it as a browser would.

        A value of None leaves the field out; names with a dash are written with a double underscore
        (`born__day="3"`). `_to` overrules where it is sent. Does not follow the redirect.
        """
        named = {name.replace("__", "-"): value for name, value in changes.items()}
        form = self.page.form_with(*(name for name, value in named.items() if value is not None))
        values: dict[str, Any] = dict(form.values)
        for name, value in named.items():
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
        target = _to or form.action or self.last_path
        kind = {"content_type": form.element.get("enctype")} if form.element.get("enctype") else {}
        return self.post(target, data={**values, **(_files or {})}, **kind)

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where a redirect leads."""
        assert response.status_code in (301, 302, 303, 307, 308), f"{response.status_code} is no redirect"
        return self.get(response.headers["Location"])

    def get(self, *args: Any, **kwargs: Any) -> TestResponse:
        """GET, remembering the address for forms that are sent to their own page."""
        response = super().get(*args, **kwargs)
        self.last_path = response.request.full_path.rstrip("?")
        return response

    def post(self, *args: Any, **kwargs: Any) -> TestResponse:
        """POST, remembering the address."""
        response = super().post(*args, **kwargs)
        self.last_path = response.request.full_path.rstrip("?")
        return response


def client_for(app: Flask) -> Client:
    """A client with an empty cookie jar."""
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    return client


def left_behind() -> list[str]:
    """What this request's sessions hold that was not committed."""
    sessions: dict[str, Session] = g.get("_sqlalchemy_sessions", {})
    found = []
    for session in sessions.values():
        found += [type(one).__name__ for one in (*session.new, *session.dirty, *session.deleted)]
        if session.info.get("written"):
            found.append("written and not committed")
    return found


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: Any) -> None:
    session.info["written"] = True


@event.listens_for(Session, "do_orm_execute")
def _executed(state: Any) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info["written"] = True


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _settled(session: Session) -> None:
    session.info.pop("written", None)
