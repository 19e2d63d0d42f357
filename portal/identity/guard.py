"""The one gate before every view. What does not say that it is open to all needs a signed-in resident.

It fails closed: a page is open because it says so, never because somebody forgot to say something.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import urlencode

from flask import Flask, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import session
from portal.identity import held_posts, sessions
from portal.identity.assurance import Assurance
from portal.identity.next_path import FRONT, safe_next, written
from portal.settings import Settings
from portal.web import csrf, forms
from portal.web.access import is_public
from portal.web.browser import find_browser_id
from portal.web.kept import brings_file, worth_keeping
from portal.web.page import render

log = logging.getLogger(__name__)

LIMITS: Final = "moothall.identity.limits"
DEMANDS: Final = "moothall.identity.demands"
FILES_OF_THE_THEME: Final = frozenset({"static", "theme", "council_logo"})
"""Open to all, and the same for all: not worth a question to the database."""

View = TypeVar("View", bound=Callable[..., object])


def install(app: Flask, settings: Settings) -> None:
    """Put the gate before every view of `app`."""
    app.extensions[LIMITS] = settings.sessions
    app.extensions.setdefault(DEMANDS, {})
    app.before_request(check)
    csrf.on_stale_form(app, when_stale)


def demand(app: Flask, blueprint: str, least: Assurance) -> None:
    """Every page of this blueprint needs a sign-in of at least this level."""
    app.extensions.setdefault(DEMANDS, {})[blueprint] = least


def demands(least: Assurance) -> Callable[[View], View]:
    """This one view needs a sign-in of at least this level."""

    def mark(view: View) -> View:
        view.__dict__["demands"] = least
        return view

    return mark


def demanded(app: Flask, endpoint: str, blueprints: list[str]) -> Assurance:
    """The level that an endpoint needs: its own or its blueprint's, whichever is higher."""
    by_blueprint: dict[str, Assurance] = app.extensions[DEMANDS]
    own: Assurance = getattr(app.view_functions.get(endpoint), "demands", Assurance.LOW)
    return max([own, *(by_blueprint[name] for name in blueprints if name in by_blueprint)])


def check() -> ResponseReturnValue | None:
    """Before each request: let it through, ask to sign in, or say what is missing."""
    endpoint = request.endpoint
    if endpoint in FILES_OF_THE_THEME:
        return None
    found = sessions.load(current_app.extensions[LIMITS])
    if found.live is not None:
        sessions.mark_seen(found.live)
    if endpoint is None or is_public(current_app, endpoint):
        return None  # without an endpoint there is no view to guard: the answer is "not found" or the like
    if found.live is None:
        return _ask_to_sign_in(found)
    if found.live.assurance < demanded(current_app, endpoint, request.blueprints):
        log.info("Page refused: level %s is too low for %s", found.live.assurance.name, endpoint)
        return make_response(render("identity/more_proof.html"), 403)
    if found.live.holds_post and request.method == "GET":
        _give_back(found.live)
    return None


def when_stale() -> ResponseReturnValue | None:
    """For a form whose token no longer counts: sending it again is no use to who must sign in first."""
    found = sessions.load(current_app.extensions[LIMITS])
    if found.live is not None or is_public(current_app, request.endpoint):
        return None
    return _sign_in_beside()


def _ask_to_sign_in(found: sessions.Found) -> ResponseReturnValue:
    here = _here()
    why = "expired" if found.expired_account_id else None
    if request.method not in ("GET", "HEAD"):
        if not _hold(found, here):
            return _sign_in_beside()
        why = "held"
    wanted = safe_next(here)
    query = {name: value for name, value in (("next", wanted), ("why", why)) if value and value != FRONT}
    address = url_for("identity.sign_in") + (f"?{urlencode(query)}" if query else "")
    return redirect(address, 303)


def _sign_in_beside() -> ResponseReturnValue:
    """A page that itself keeps what was sent, while the person signs in beside it.

    We do not know whose it is, and the next person at a shared computer must never find it: so we store nothing.
    """
    kept = list(worth_keeping(request.form))
    page = render("identity/sign_in_to_go_on.html", kept=kept, lost_file=brings_file())
    return make_response(page, 400)


def _hold(found: sessions.Found, here: str) -> bool:
    """Hold the form for after signing in, when we know for whom and its page can be fetched again."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None or "GET" not in adapter.allowed_methods():
        return False
    browser = find_browser_id()
    if found.expired_account_id is None or browser is None or safe_next(here) != here:
        return False
    held = held_posts.hold_post(request.form, browser=browser, account_id=found.expired_account_id, path=here)
    session().commit()  # the guard answers in the view's place, so no view's transaction follows
    return held


def _here() -> str:
    return written(request.script_root + request.path, request.query_string)


def _give_back(live: sessions.Session) -> None:
    browser = find_browser_id()
    if browser is None:
        return
    held = held_posts.give_back(browser=browser, account_id=live.account.id, session_id=live.id, path=_here())
    if held is not None:
        forms.hold(held)
