"""Staff in a resident's place: to look, which changes nothing, or to fill in forms for somebody who has rung.

A visit is a session row like the resident's own, so that every page is the very page that the resident sees. It names
the member of staff and their own session, ends with that one, and counts in that very browser alone. Looking is
read-only three times over: nothing may be sent, what is sensitive is not shown, and the database itself takes no
change in the page's transaction.
"""

import logging
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from flask import current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import insert, text

from portal import clock
from portal.accounts.queries import get_account
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import Forbidden
from portal.identity import guard, hold
from portal.identity.assurance import Assurance
from portal.identity.ending import end_those
from portal.identity.models import SessionRow
from portal.identity.secret_values import kept_as, new_secret
from portal.identity.sessions import Session, Visit
from portal.identity.sessions import mark_seen as mark_visit_seen
from portal.staff import looks, sessions
from portal.staff.narrow_visits import RIGHT_FOR, is_narrow, is_theirs
from portal.staff.rights import current_grants
from portal.staff.values import StaffSession
from portal.web import cookies, languages
from portal.web.access import is_public
from portal.web.csrf import SAFE_METHODS, SESSION_COOKIE, made_for
from portal.web.kept import brings_file, worth_keeping
from portal.web.languages import format_time
from portal.web.languages import gettext as _
from portal.web.page import Visiting, render

log = logging.getLogger(__name__)

LOOK_FOR: Final = timedelta(minutes=15)
END: Final = "visit.end"
SIGN_OUT: Final = "identity.sign_out"
OWN_AFFAIRS: Final = ("portal.identity.", "portal.home.data", "portal.home.claim", "portal.home.cosign")
"""Rooms whose pages are the resident's own affair: how they sign in, all their data at once, and what they sign for
somebody else, which shows that person's data."""
OWN_WORDS: Final = frozenset({"cases.rate", "cases.read"})
"""What the resident thinks of us, and that they have read something, is theirs to say."""
OWN_CHANGES: Final = ("portal.home.profile", "portal.home.calendar", "portal.home.inbox")
"""Rooms where nothing is sent but by the resident: what they tell us of themselves, and what they have read."""
UNCHECKED: Final = "none"
"""How staff made sure of a caller: not at all."""
_READ_ONLY = text("set transaction read only")


def begin(
    live: StaffSession,
    account_id: uuid.UUID,
    mode: Literal["look", "assist"],
    *,
    reason: str,
    written: bool,
    channel: str = "desk",
    identity_check: str = "",
    case: looks.LookedAt | None = None,
) -> None:
    """Put this browser into the resident's place. The session that it had there is ended.

    Raises NotFound when there is no such account.
    """
    account = get_account(account_id)
    old = cookies.get(SESSION_COOKIE)
    if old:
        end_those(SessionRow.cookie_hash == kept_as(old), why="replaced")
    cookie, session_id, now = new_secret(), uuid.uuid4(), clock.now()
    session().execute(
        insert(SessionRow).values(
            id=session_id,
            cookie_hash=kept_as(cookie),
            account_id=account.id,
            provider="desk",
            issuer="",
            subject=live.staff.actor,
            refresh_failures=0,
            assurance=int(Assurance.LOW),
            device="",
            holds_post=False,
            created_at=now,
            last_seen_at=now,
            staff_id=live.staff.id,
            staff_session_id=live.id,
            mode=mode,
            channel=channel,
            identity_check=identity_check,
        )
    )
    audit.record(
        f"staff.{mode}_began",
        actor=live.staff.actor,
        subject=f"session:{session_id}",
        account_id=account.id,
        channel=channel,
        identity_check=identity_check,
    )
    what = "see_as" if mode == "look" else "assist"
    looks.note_look(
        live.staff,
        account_id=account.id,
        case=case,
        what=what,
        reason=reason,
        right=RIGHT_FOR[mode],
        written=written,
    )
    cookies.put(SESSION_COOKIE, cookie)


def end(live: Session, visit: Visit, *, why: str) -> None:
    """End it: the resident's place is left, and this browser is nobody there any more."""
    end_those(SessionRow.id == live.id, why=why)
    audit.record(
        f"staff.{visit.mode}_ended",
        actor=f"staff:{visit.staff_id}",
        subject=f"session:{live.id}",
        account_id=live.account.id,
        why=why,
    )
    cookies.drop(SESSION_COOKIE)


def check_visit(live: Session) -> ResponseReturnValue | None:
    """Before each request of theirs: may they still be there, and do this?"""
    visit = live.visit
    if visit is None:
        raise Forbidden
    language = g.get("language")
    own = sessions.load(sessions.limits_now()).live
    spoken = languages.current_language()  # to the member of staff, whatever the resident reads
    made_for(f"{live.account.id} {live.id}")  # a page of the visit is none of the resident's own
    over = _why_over(live, visit, own)
    if over is not None:
        end(live, visit, why=over)
        session().commit()
        g.pop("signed_in_as", None)
        return _refused("staff/visit_over.html", visit, status=403)
    if own is not None:
        sessions.mark_seen(own)
    mark_visit_seen(live)
    if visit.mode == "look" and language:
        languages.prefer(language)  # as the resident sees it, and not as the member of staff would
    with languages.using(spoken):
        g.visiting = _banner(live, visit)
    if request.endpoint in (END, SIGN_OUT):
        return None if request.endpoint == END else _leave(live, visit)
    if not (_may(visit, request.endpoint, request.method) and is_theirs(live, visit)):
        log.info("Refused on a visit: %s %s", visit.mode, request.endpoint)
        with languages.using(spoken):
            return _refused("staff/visit_refused.html", visit, status=403)
    if visit.mode == "look":
        session().commit()  # what was written above is for good; from here on the page writes nothing
        session().execute(_READ_ONLY)
    return None


def ends_at(live: Session, visit: Visit) -> datetime:
    """When it ends by itself, whatever is done."""
    longest = LOOK_FOR if visit.mode == "look" else timedelta(minutes=sessions.limits_now().assist_minutes)
    return live.created_at + longest


def _why_over(live: Session, visit: Visit, own: StaffSession | None) -> str | None:
    """Why the visit is at its end; None while it is not."""
    if clock.now() >= ends_at(live, visit):
        return "expired"
    if own is None or own.id != visit.staff_session_id:
        return "staff_left"
    return None if current_grants().allow(RIGHT_FOR[visit.mode]) else "right_gone"


def _may(visit: Visit, endpoint: str | None, method: str) -> bool:
    """Whether a visitor may open this endpoint. What asks for a fresh sign-in asks for the resident themselves."""
    if endpoint is None:
        return True  # nothing is there: the answer is "not found"
    if visit.mode == "look" and method not in SAFE_METHODS:
        return False
    if (
        endpoint in OWN_WORDS
        or hold.is_sensitive(current_app, endpoint)
        or guard.demanded(current_app, endpoint).fresh is not None
    ):
        return False
    room = str(getattr(current_app.view_functions.get(endpoint), "__module__", ""))
    if visit.identity_check == UNCHECKED and room.startswith("portal.home."):
        return False  # a service's form is filled in for them, and nothing is shown of whoever they may be
    return not room.startswith(OWN_AFFAIRS if method in SAFE_METHODS else OWN_AFFAIRS + OWN_CHANGES)


def _banner(live: Session, visit: Visit) -> Visiting:
    until = format_time(ends_at(live, visit))
    name = live.account.display_name
    if visit.mode == "look":
        words = _("You see this as %(name)s does, until %(time)s. You cannot change anything.", name=name, time=until)
    else:
        words = _("You are filling this in for %(name)s, until %(time)s.", name=name, time=until)
    title, may_open = _("You are here for somebody else"), partial(_leads_to, visit)
    return Visiting(title, words, _("End"), END, may_open, languages.current_language())


def _leads_to(visit: Visit, endpoint: str) -> bool:
    """Whether the menu leads there: to the way out, and to no page that is refused."""
    if endpoint == SIGN_OUT:
        return True
    return _may(visit, endpoint, "GET") and (is_public(current_app, endpoint) or not is_narrow(visit.mode))


def _leave(live: Session, visit: Visit) -> ResponseReturnValue:
    end(live, visit, why="ended")
    session().commit()
    return redirect(url_for("desk_front.front"), 303)


def _refused(template: str, visit: Visit, *, status: int) -> ResponseReturnValue:
    typed = [(name, value) for name, value in worth_keeping(request.form) if value]
    narrow = is_narrow(visit.mode) or visit.identity_check == UNCHECKED
    shut_in = sessions.current_staff_session_or_none() is not None and narrow
    desk = "desk_assist.find" if visit.mode == "assist" else "desk_front.front"
    back = url_for(desk) if shut_in else url_for("home.home")
    values = {"mode": visit.mode, "typed": typed, "lost_file": brings_file(), "back": back, "shut_in": shut_in}
    return make_response(render(template, **values), status)
