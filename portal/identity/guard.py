"""The one gate before every view. What does not say that it is open to all needs a signed-in resident.

It fails closed: a page is open because it says so, never because somebody forgot to say something.
"""

import logging
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar
from urllib.parse import unquote, urlencode

from flask import Flask, Response, after_this_request, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal import clock
from portal.db.session import session
from portal.identity import held_posts, hold, refresh, sessions, staff_door, time_left
from portal.identity.assurance import Assurance, Demand
from portal.identity.ending import HELD
from portal.identity.next_path import FRONT, safe_next, written
from portal.identity.setting_out import allow_signing_out
from portal.settings.portal import Settings
from portal.web import csrf, forms, programs
from portal.web.access import is_public
from portal.web.browser import find_browser_id
from portal.web.kept import brings_file, is_too_long, worth_keeping
from portal.web.page import render

log = logging.getLogger(__name__)

LIMITS: Final = "moothall.identity.limits"
SIGN_OUT: Final = "identity.sign_out"
DEMANDS: Final = "moothall.identity.demands"
FILES_OF_THE_THEME: Final = frozenset({"static", "theme", "council_logo"})
"""Open to all, and the same for all: not worth a question to the database."""

NOTHING: Final = Demand()
RECENTLY: Final = timedelta(minutes=15)
"""How old a sign-in may be where somebody at an unwatched screen could do lasting harm with it."""

View = TypeVar("View", bound=Callable[..., object])


def install(app: Flask, settings: Settings) -> None:
    """Put the gate before every view of `app`."""
    app.extensions[LIMITS] = settings.sessions
    app.extensions.setdefault(DEMANDS, {})
    app.before_request(check)
    csrf.on_stale_form(app, when_stale)


def demand(app: Flask, blueprint: str, least: Assurance, fresh: timedelta | None = None) -> None:
    """Every page of this blueprint needs a sign-in of at least this level, and not older than `fresh`."""
    app.extensions.setdefault(DEMANDS, {})[blueprint] = Demand(least, fresh)


def demands(least: Assurance = Assurance.LOW, *, fresh: timedelta | None = None) -> Callable[[View], View]:
    """This one view needs a sign-in of at least this level, and not older than `fresh`.

    Whoever has less is asked to prove it, and comes back to the same page with what they typed.
    """

    def mark(view: View) -> View:
        view.__dict__["demands"] = Demand(least, fresh)
        return view

    return mark


def demanded(app: Flask, endpoint: str) -> Demand:
    """What an endpoint needs: by itself and by its blueprints together, the outer of nested ones included."""
    by_blueprint: dict[str, Demand] = app.extensions[DEMANDS]
    whole: Demand = getattr(app.view_functions.get(endpoint), "demands", NOTHING)
    for name in _blueprints(endpoint):
        if name in by_blueprint:
            whole = whole.joined(by_blueprint[name])
    return whole


def _blueprints(endpoint: str) -> Iterator[str]:
    """The names that an endpoint is registered under: `a.b.view` is of `a.b` and of `a`."""
    name = endpoint.rpartition(".")[0]
    while name:
        yield name
        name = name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Place:
    """An address of ours: what its pages demand, and whether it can be fetched or only sent to."""

    demand: Demand
    has_page: bool


def place_at(path: str) -> Place:
    """What is at a path of ours, by whatever method it is asked for: a form may be sent to where its page is."""
    adapter = current_app.create_url_adapter(request)
    plain = unquote(path.partition("?")[0], errors="replace").removeprefix(request.script_root)
    methods = set(adapter.allowed_methods(plain)) - {"HEAD", "OPTIONS"} if adapter else set()
    whole = NOTHING
    for method in sorted(methods):
        try:
            endpoint, _values = adapter.match(plain, method=method) if adapter else ("", {})
        except (HTTPException, RequestRedirect):
            continue
        whole = whole.joined(demanded(current_app, endpoint))
    return Place(whole, "GET" in methods)


def check() -> ResponseReturnValue | None:
    """Before each request: let it through, ask to sign in, or say what is missing."""
    endpoint = request.endpoint
    if endpoint in FILES_OF_THE_THEME:
        return None
    door = staff_door.door_here()
    if door is not None:
        return door.check()
    if programs.called_here() is not None and (endpoint is None or is_public(current_app, endpoint)):
        return None  # nobody is signed in there, and each view asks for a proof of its own
    found = sessions.load(current_app.extensions[LIMITS])
    if found.live is not None and found.live.visit is not None:
        return staff_door.get_door().check_visit(found.live)
    if found.live is not None:
        _note(found.live, endpoint)
        allow_signing_out(found.live.provider)
    if endpoint is None or is_public(current_app, endpoint):
        return None  # without an endpoint there is no view to guard: the answer is "not found" or the like
    if found.live is not None and refresh.is_due(found.live) and not refresh.still_counts(found.live):
        found = sessions.forget_live(found.live)
    if found.live is None:
        return _ask_to_sign_in(found)
    if found.live.held_at is not None and hold.is_sensitive(current_app, endpoint):
        return hold.refusal()
    wanted = demanded(current_app, endpoint)
    if not wanted.is_met(found.live.assurance, found.live.authenticated_at, clock.now()):
        log.info("More proof asked for: %s needs %s, fresh %s", endpoint, wanted.level.name, wanted.fresh)
        return _ask_for_more(found.live)
    if found.live.holds_post:
        _give_back(found.live)
    return None


def _note(live: sessions.Session, endpoint: str | None) -> None:
    """The resident is here, until when that counts, and what every page tells them."""
    watched = time_left.is_watching(current_app, endpoint)
    seen_at = live.last_seen_at if watched else sessions.mark_seen(live)
    g.time_left = sessions.time_left(live, current_app.extensions[LIMITS], seen_at=seen_at)
    if live.held_at is not None:
        hold.say_so()


def when_stale() -> ResponseReturnValue | None:
    """For a form whose token no longer counts: sending it again is no use to who must sign in first."""
    door = staff_door.door_here()
    if door is not None:
        return door.when_stale()
    found = sessions.load(current_app.extensions[LIMITS])
    if found.live is None and request.endpoint == SIGN_OUT:
        return redirect(url_for("identity.signed_out"), 303)  # pressed in a second tab: it is done already
    if found.live is not None or is_public(current_app, request.endpoint):
        return None
    return _sign_in_beside()


def _ask_to_sign_in(found: sessions.Found) -> ResponseReturnValue:
    here = _here()
    why, lost = found.why, None
    if request.method not in ("GET", "HEAD"):
        if not _hold(found.expired_account_id, here):
            return _sign_in_beside()
        why = HELD.get(why or "expired", "held")
        lost = "1" if brings_file() else None
    wanted = safe_next(here)
    query = {
        name: value for name, value in (("next", wanted), ("why", why), ("file", lost)) if value and value != FRONT
    }
    address = url_for("identity.sign_in") + (f"?{urlencode(query)}" if query else "")
    return redirect(address, 303)


def _ask_for_more(live: sessions.Session) -> ResponseReturnValue:
    """Lead to the page that asks for more proof, and from there back to here."""
    here = _here()
    address = f"{url_for('step_up.confirm')}?{urlencode({'next': safe_next(here)})}"
    sends = request.method not in ("GET", "HEAD")
    kept = list(worth_keeping(request.form)) if sends else []
    typed = sends and (bool(kept) or is_too_long(request.form))
    if typed and not _hold(live.account.id, here):
        return go_on_beside(f"{address}&beside=1", signed_out=False)
    address += "&held=1" if typed else ""
    return redirect(f"{address}&file=1" if sends and brings_file() else address, 303)


def _sign_in_beside() -> ResponseReturnValue:
    """A page that itself keeps what was sent, while the person signs in beside it.

    We do not know whose it is, and the next person at a shared computer must never find it: so we store nothing.
    """
    return go_on_beside(url_for("identity.sign_in"), signed_out=True)


def go_on_beside(way: str, *, signed_out: bool) -> ResponseReturnValue:
    """A page that keeps what was sent, and leads there in a tab of its own."""
    kept = list(worth_keeping(request.form))
    lost = {"lost_file": brings_file(), "lost_text": is_too_long(request.form)}
    values = {"kept": kept, "way": way, "signed_out": signed_out, **lost}
    return make_response(render("identity/go_on_beside.html", **values), 400)


def _hold(account_id: uuid.UUID | None, here: str) -> bool:
    """Hold the form for after signing in, when we know for whom and its page can be fetched again."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None or "GET" not in adapter.allowed_methods():
        return False
    browser = find_browser_id()
    if account_id is None or browser is None or safe_next(here) != here:
        return False
    held = held_posts.hold_post(request.form, browser=browser, account_id=account_id, path=here)
    session().commit()  # the guard answers in the view's place, so no view's transaction follows
    return held


def _here() -> str:
    return written(request.script_root + request.path, request.query_string)


def _give_back(live: sessions.Session) -> None:
    """Put what was held into the form of this page, until that form is sent, and taken."""
    browser, here = find_browser_id(), _here()
    if browser is None:
        return
    if request.method == "GET":
        held = held_posts.find_held(browser=browser, account_id=live.account.id, path=here)
        if held is not None:
            forms.hold(held)
            held_posts.say_so(here)
    if request.method in ("GET", "HEAD"):
        return

    @after_this_request
    def forget_when_taken(answer: Response) -> Response:
        if 300 <= answer.status_code < 400:  # one that is not taken shows itself again
            held_posts.discard(browser=browser, account_id=live.account.id, session_id=live.id, path=here)
        return answer
