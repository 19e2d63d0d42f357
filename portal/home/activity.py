"""Everything that happened in the resident's cases, page by page."""

from flask import Blueprint, request

from portal.cases import queries as cases
from portal.home.recent import from_event
from portal.identity.sessions import current_account
from portal.registry.mount import mounted
from portal.web.page import render

bp = Blueprint("activity", __name__, template_folder="templates")
PAGE = 25


@bp.get("/activity")
def activity() -> str:
    """The ledger of the resident's cases, newest first. `before` is where the last page ended."""
    services = {each.slug: each for each in mounted()}
    events, older = cases.recent_events_page(current_account().id, before=request.args.get("before"), limit=PAGE)
    lines = [from_event(event, services.get(event.service)) for event in events]
    return render("home/activity.html", lines=lines, older=older)
