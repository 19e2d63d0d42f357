"""Everything that happened in the resident's cases, page by page."""

from flask import Blueprint, request

from portal.cases import queries as cases
from portal.home.filters import choice
from portal.home.recent import from_event
from portal.identity.sessions import current_account
from portal.registry.mount import mounted
from portal.web.languages import gettext as _
from portal.web.page import render

bp = Blueprint("activity", __name__, template_folder="templates")
PAGE = 25
KINDS = {
    "status": ("opened", "moved", "held", "resumed", "merged", "absorbed", "reopened"),
    "messages": ("message_sent", "document_added", "document_removed"),
    "tasks": ("task_set", "task_done", "task_withdrawn", "cosign_asked", "cosigned", "cosign_declined"),
}


@bp.get("/activity")
def activity() -> str:
    """The ledger of the resident's cases, newest first. `before` is where the last page ended."""
    services = {each.slug: each for each in mounted()}
    service, what = request.args.get("service", ""), request.args.get("what", "")
    events, older = cases.recent_events_page(
        current_account().id,
        service=service if service in services else None,
        kinds=KINDS.get(what),
        before=request.args.get("before"),
        limit=PAGE,
    )
    lines = [from_event(event, services.get(event.service)) for event in events]
    titles = {slug: str(each.service.title) for slug, each in services.items()}
    filters = [
        choice("service", _("Service"), {"": _("All services"), **titles}, service),
        choice(
            "what",
            _("What happened"),
            {
                "": _("Everything"),
                "status": _("Where a case stands"),
                "messages": _("Messages and documents"),
                "tasks": _("What we asked for"),
            },
            what,
        ),
    ]
    chosen = {"service": service, "what": what}
    return render("home/activity.html", lines=lines, older=older, filters=filters, chosen=chosen)
