"""The one gate before every page of the desk. It lets through who is signed in there and has the right that is marked.

It fails closed three times over: without a session of staff's own, without a mark on the view, without a line in the
table of rights nobody comes in.
"""

import logging
from collections.abc import Mapping
from itertools import count
from typing import Final
from urllib.parse import urlencode

from flask import current_app, g, make_response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from portal.identity.ending import SENTENCES
from portal.identity.guard import go_on_beside
from portal.identity.next_path import safe_next, written
from portal.identity.sessions import time_left
from portal.identity.setting_out import allow_signing_out
from portal.identity.time_left import is_watching
from portal.staff import refresh, sessions
from portal.staff.rights import ANY, current_grants, needed
from portal.staff.values import RIGHT_TITLES, StaffSession
from portal.web.access import is_public
from portal.web.csrf import SAFE_METHODS
from portal.web.kept import brings_file, worth_keeping
from portal.web.languages import Lazy, current_language, gettext
from portal.web.languages import lazy_gettext as _
from portal.web.page import render

log = logging.getLogger(__name__)

PREFIX: Final = "/desk"
A_WORD: Final = 20
"""Whatever is longer has been typed and not chosen."""
BY_THE_PAGE: Final = frozenset({"key", "version", "order"})
"""Fields that a page fills in unseen."""
TYPED: Final[Mapping[str, Lazy]] = {
    "title": _("Title"),
    "body": _("Your words"),
    "body_cy": _("What it says in Welsh"),
    "reason": _("Your words"),
    "words": _("Your words"),
    "conditions": _("And only if"),
}
"""Fields in which every word has been typed, and what they are called where their form is not there any more."""
SAID: Final = {"expired": "expired", "logged_out": "elsewhere", "not_renewed": "stopped"}
"""Why a session ended, as the word of the sign-in page's sentence."""


def whom_to_ask() -> str:
    """Who gives rights, as it reads after “ask”: the council's own words."""
    desk = sessions.limits_now()
    return (desk.whom_to_ask_cy if current_language() == "cy" else "") or desk.whom_to_ask


def next_at_desk(sent: str | None) -> str:
    """Where to go on to: only a page of the desk, and its front for anything else."""
    path = safe_next(sent)
    return path if path == PREFIX or path.startswith((f"{PREFIX}/", f"{PREFIX}?")) else PREFIX


def typed_words() -> list[tuple[str, str]]:
    """What was typed in the form that was sent, without what was chosen and what its page put in by itself: each with
    a label.
    """
    found = [
        (name, value)
        for name, value in worth_keeping(request.form)
        if name not in BY_THE_PAGE and value and (name in TYPED or "\n" in value or len(value) > A_WORD)
    ]
    number = count(1)
    return [
        (str(TYPED[name]) if name in TYPED else gettext("Answer %(n)s", n=next(number)), value) for name, value in found
    ]


def check() -> ResponseReturnValue | None:
    """Before each request to the desk: let it through, ask to sign in, or say what is missing."""
    endpoint = request.endpoint
    found = sessions.load(sessions.limits_now())
    if found.live is not None:
        _note(found.live, endpoint)
    if endpoint is None or is_public(current_app, endpoint):
        return None
    if found.live is not None and refresh.is_due(found.live) and refresh.renewed(found.live) is None:
        found = sessions.forget_live("not_renewed")
    if found.live is None:
        return _ask_to_sign_in(found.why)
    return _refusal(endpoint)


def when_stale() -> ResponseReturnValue | None:
    """For a form whose token no longer counts: sending it again is no use to who must sign in first."""
    found = sessions.load(sessions.limits_now())
    if found.live is not None or is_public(current_app, request.endpoint):
        return None
    return go_on_beside(url_for("staff.sign_in"), signed_out=True)


def _note(live: StaffSession, endpoint: str | None) -> None:
    g.signed_in_as = live.staff.name
    seen_at = live.last_seen_at if is_watching(current_app, endpoint) else sessions.mark_seen(live)
    g.time_left = time_left(live, sessions.limits_now(), seen_at=seen_at)
    allow_signing_out(live.provider)


def _ask_to_sign_in(why: str | None) -> ResponseReturnValue:
    """To the desk's own sign-in page, and back to here; what was being sent stays in a page of its own meanwhile."""
    if request.method not in SAFE_METHODS:
        return go_on_beside(url_for("staff.sign_in"), signed_out=True)
    here = safe_next(written(request.script_root + request.path, request.query_string))
    said = SAID.get(why or "", "")
    query = {name: value for name, value in (("next", here), ("why", said)) if value in SENTENCES or name == "next"}
    return redirect(f"{url_for('staff.sign_in')}?{urlencode(query)}", 303)


def _refusal(endpoint: str) -> ResponseReturnValue | None:
    """The page in the place of one that they may not open; None when they may."""
    right, grants = needed(current_app, endpoint), current_grants()
    if right is None:
        log.error("Refused: the view %s does not say which right it needs", endpoint)
        return _refused("staff/refused.html", needs=None)
    if not grants and request.method in SAFE_METHODS:  # else they had a right when they opened the form
        return _refused("staff/nobody.html")
    if grants and (right == ANY or any(right == each for each in grants.rights())):
        return None
    log.info("Refused: %s needs %s", endpoint, right)
    return _refused("staff/refused.html", needs=next((t for each, t in RIGHT_TITLES.items() if each == right), None))


def _refused(template: str, **values: object) -> ResponseReturnValue:
    """A right may have been taken away while the page was open: what was typed in it is shown, to be copied out."""
    return make_response(render(template, typed=typed_words(), lost_file=brings_file(), **values), 403)
