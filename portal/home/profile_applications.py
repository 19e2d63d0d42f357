"""The applications on other sites that a resident has signed in to, and the way to turn one off."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from portal.db.session import commits
from portal.home.profile_blueprint import bp
from portal.identity.sessions import current_account
from portal.linkouts import operations
from portal.linkouts.queries import known_to
from portal.web.languages import current_language
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render


@bp.get("/applications")
def applications() -> str:
    """What each may do, and the buttons."""
    known = known_to(current_account().id)
    return render("home/profile/applications.html", known=known, language=current_language())


@bp.post("/applications/<slug>/stop")
@commits
def stop_application(slug: str) -> Response:
    """It writes nothing more."""
    operations.stop(current_account(), slug)
    notify_next(_("It can no longer write to your home. What it had written is gone."))
    return redirect(url_for(".applications"))


@bp.post("/applications/<slug>/allow")
@commits
def allow_application(slug: str) -> Response:
    """It may write again."""
    operations.allow(current_account(), slug)
    notify_next(_("It can write to your home again. What it writes appears the next time that it has something."))
    return redirect(url_for(".applications"))
