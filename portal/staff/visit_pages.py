"""The end of a visit to a resident's place: the one thing that may be sent on it."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commits
from portal.identity.sessions import current_session
from portal.staff import visits
from portal.web.languages import gettext as _
from portal.web.page import notify_next

bp = Blueprint("visit", __name__)


@bp.post("/visit/end")
@commits
def end() -> ResponseReturnValue:
    """Back to the desk. For a resident, who is on no visit, there is nothing to end."""
    live = current_session()
    if live.visit is None:
        return redirect(url_for("home.home"), 303)
    visits.end(live, live.visit, why="ended")
    notify_next(_("You are back at the desk"))
    return redirect(url_for("desk_front.front"), 303)
