"""No change without a token that only our own pages in this very browser can know.

The token is an HMAC over the browser's id and the session, salted anew on each page so that it cannot be guessed from
compressed answers. It is checked once, before any view. A form that is only stale (the session ended, the secret
changed) is not thrown away: the person is asked to send it again, with what they typed kept.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Final, TypeVar

from flask import Flask, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.web import cookies, error_pages
from portal.web.browser import browser_id, find_browser_id
from portal.web.kept import FIELD, brings_file, brings_password, worth_keeping
from portal.web.state import web_state

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SESSION_COOKIE: Final = "session"
View = TypeVar("View", bound=Callable[..., object])


def exempt(view: View) -> View:
    """This view is called by programs, which bring their own proof (token endpoint, webhooks)."""
    view.__dict__["csrf_exempt"] = True
    return view


def token() -> str:
    """A token for a form on this page."""
    salt = secrets.token_urlsafe(9)
    key = web_state().settings.secret_key.get_secret_value()
    return salt + _signature(key, salt, browser_id())


def csrf_field() -> Markup:
    """The hidden input for a form. One token serves all the forms of a page."""
    if "csrf_token" not in g:
        g.csrf_token = token()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(g.csrf_token)


def is_valid(sent: str) -> bool:
    """Whether we made this token, for this browser and this session, with a key that still counts."""
    browser = find_browser_id()
    if browser is None or not sent.isascii() or len(sent) != 12 + 43:
        return False
    settings = web_state().settings
    keys = (settings.secret_key, *settings.previous_secret_keys)
    salt = sent[:12]
    return any(hmac.compare_digest(sent[12:], _signature(key.get_secret_value(), salt, browser)) for key in keys)


def check() -> ResponseReturnValue | None:
    """Before each request: let it through, or answer with a page that helps."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return None
    if getattr(current_app.view_functions.get(request.endpoint), "csrf_exempt", False):
        return None
    origin = comes_from()
    if origin != "elsewhere" and is_valid(request.form.get(FIELD, "")):
        g.form_is_ours = True
        return None
    if origin == "here":
        better = web_state().on_stale_form
        answer = better() if better else None
        if answer is not None:
            return answer
        kept = list(worth_keeping(request.form))
        page = error_pages.send_again(kept, lost_file=brings_file(), lost_password=brings_password(request.form))
        return make_response(page, 400)
    return error_pages.answer(400)


def on_stale_form(app: Flask, answer: Callable[[], ResponseReturnValue | None]) -> None:
    """Ask `answer` when a form comes from a page of ours with a token that no longer counts.

    It returns a page, or None for the one that asks to send the form again. It must change nothing.
    """
    web_state(app).on_stale_form = answer


def comes_from() -> str:
    """`here`, `elsewhere` or `unknown`: what the browser says of the page that holds the form."""
    site = request.headers.get("Sec-Fetch-Site")
    if site in ("cross-site", "same-site"):
        return "elsewhere"
    origin = request.headers.get("Origin")
    if origin and origin != "null":
        return "here" if origin in web_state().origins else "elsewhere"
    return "here" if site == "same-origin" else "unknown"


def _signature(key: str, salt: str, browser: str) -> str:
    text = "\0".join(("csrf", salt, browser, cookies.get(web_state().session_cookie) or ""))
    digest = hmac.new(key.encode(), text.encode("utf-8", "replace"), sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
