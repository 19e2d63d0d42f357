"""Pages that every visitor may read: help, accessibility, privacy, cookies."""

from flask import Blueprint

from portal.web.access import public
from portal.web.page import render
from portal.web.state import web_state

bp = Blueprint("web", __name__, template_folder="templates")


@bp.get("/help")
@public
def help_page() -> str:
    """How to reach a person."""
    return render("web/public/help.html")


@bp.get("/accessibility")
@public
def accessibility() -> str:
    """How usable this is, and what to do when it is not."""
    return render("web/public/accessibility.html")


@bp.get("/privacy")
@public
def privacy() -> str:
    """What is kept about a resident, why and for how long."""
    return render("web/public/privacy.html")


@bp.get("/cookies")
@public
def cookies_page() -> str:
    """Each cookie, by name and purpose."""
    return render("web/public/cookies.html", hours=web_state().settings.sessions.absolute_hours)
