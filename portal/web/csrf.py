"""No change without a token that only our own pages in this very browser can know.

The token is an HMAC over the browser's id and the session, salted anew on each page so that it cannot be guessed from
compressed answers. It is checked once, before any view. A form that is only stale (the session ended, the secret
changed) is not thrown away: the person is asked to send it again, with what they typed kept.

The token bears the mark of the account that its page was made for, too, through all the pages that keep what was
typed: the next person at a shared computer is neither shown it nor made to send it as their own.
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

from portal.web import cookies, error_pages, programs
from portal.web.browser import browser_id, find_browser_id
from portal.web.kept import FIELD, brings_file, brings_password, is_too_long, worth_keeping
from portal.web.realms import current_realm
from portal.web.state import web_state

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SESSION_COOKIE: Final = "session"
NOBODY: Final = ""
_SALT: Final = 12
_SIGNATURE: Final = 43
_MARK: Final = 22
View = TypeVar("View", bound=Callable[..., object])


def exempt(view: View) -> View:
    """This view is called by programs, which bring their own proof (token endpoint, webhooks)."""
    view.__dict__["csrf_exempt"] = True
    return view


def made_for(account: str) -> None:
    """The pages of this request are for this account; `NOBODY` takes it back."""
    g.csrf_made_for = account


def token() -> str:
    """A token for a form on this page.

    While nobody is known, a page that answers a form is still the page of whoever the form was for.
    """
    account: str = g.get("csrf_made_for", NOBODY)
    sent: str = g.get("csrf_sent", "")
    if account == NOBODY and _is_whole(sent):
        salt, mark = sent[:_SALT], sent[-_MARK:]
    else:
        salt = secrets.token_urlsafe(9)
        mark = _mark(_key(), salt, account)
    return salt + _signature(_key(), salt, browser_id(), mark) + mark


def csrf_field() -> Markup:
    """The hidden input for a form. One token serves all the forms of a page."""
    if "csrf_token" not in g:
        g.csrf_token = token()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(g.csrf_token)


def is_valid(sent: str) -> bool:
    """Whether we made this token, for this browser and this session, with a key that still counts."""
    browser = find_browser_id()
    if browser is None or not _is_whole(sent):
        return False
    salt, signature, mark = sent[:_SALT], sent[_SALT:-_MARK], sent[-_MARK:]
    return any(hmac.compare_digest(signature, _signature(key, salt, browser, mark)) for key in _keys())


def is_somebody_elses(sent: str) -> bool:
    """Whether this token stood on a page made for another account than the one that is signed in.

    A page from before any sign-in is anybody's, and so is one with no token to tell by.
    """
    account = g.get("csrf_made_for", NOBODY)
    if account == NOBODY or not _is_whole(sent):
        return False
    salt, mark = sent[:_SALT], sent[-_MARK:]
    return not any(hmac.compare_digest(mark, _mark(key, salt, whose)) for key in _keys() for whose in (account, NOBODY))


def check() -> ResponseReturnValue | None:
    """Before each request: let it through, or answer with a page that helps."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return None
    if programs.called_here() is not None:
        return None  # nobody is signed in there
    if getattr(current_app.view_functions.get(request.endpoint), "csrf_exempt", False):
        return None
    origin = comes_from()
    sent = request.form.get(FIELD, "")
    if origin != "elsewhere":
        g.csrf_sent = sent
    if origin != "elsewhere" and is_valid(sent):
        g.form_is_ours = True
        return None
    if origin == "here":
        better = web_state().on_stale_form
        answer = better() if better else None
        if answer is not None:
            return answer
        if is_somebody_elses(sent):
            return make_response(error_pages.somebody_elses(), 400)
        kept = list(worth_keeping(request.form))
        page = error_pages.send_again(
            kept,
            lost_file=brings_file(),
            lost_password=brings_password(request.form),
            lost_text=is_too_long(request.form),
        )
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


def _is_whole(sent: str) -> bool:
    return sent.isascii() and len(sent) == _SALT + _SIGNATURE + _MARK


def _key() -> str:
    return web_state().settings.secret_key.get_secret_value()


def _keys() -> list[str]:
    return [_key(), *(key.get_secret_value() for key in web_state().settings.previous_secret_keys)]


def _signature(key: str, salt: str, browser: str, mark: str) -> str:
    return _digest(key, "csrf", salt, browser, cookies.get(_session_cookie()) or "", mark)


def _session_cookie() -> str:
    """The cookie of who is signed in here: staff have one of their own."""
    realm = current_realm()
    return realm.session_cookie if realm is not None else web_state().session_cookie


def _mark(key: str, salt: str, account: str) -> str:
    """Tells whether a page was made for an account, and nothing to those who do not know which."""
    return _digest(key, "made for", salt, account)[:_MARK]


def _digest(key: str, *parts: str) -> str:
    digest = hmac.new(key.encode(), "\0".join(parts).encode("utf-8", "replace"), sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
