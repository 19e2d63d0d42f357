"""Forms of ours that were opened before something changed in this browser: another tab signed in first."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.provider import browser_login, mailed_links, onward
from portal.provider.addresses import folded
from portal.provider.arriving import go_on
from portal.provider.queries import CurrentLogin, find_link
from portal.web.headers import allow_form_target


def answer() -> ResponseReturnValue | None:
    """On to the client for who is signed in already; else nothing, and the form is sent again.

    Only when the form asks for the very person who is signed in: for anyone else their password must be typed.
    """
    sealed = _sealed()
    waiting = onward.opened(sealed)
    if waiting is None:
        return None
    login = browser_login.current_login()
    if login is not None and _asks_for(login):
        return go_on(sealed)
    allow_form_target(waiting.asked.redirect_uri)  # sent again, the form leads there
    return None


def _sealed() -> str:
    """The client's request that came along with the form's address."""
    token = (request.view_args or {}).get("token")
    if token is None:
        return request.args.get("to", "")
    link = find_link(token, mailed_links.REGISTER)
    return link.onward if link is not None else ""


def _asks_for(login: CurrentLogin) -> bool:
    if request.endpoint == "demo_people.sign_in_as":
        return (request.view_args or {}).get("person_id") == login.person_id
    return request.endpoint == "pages.sign_in" and folded(request.form.get("email", "")) == folded(login.email)
