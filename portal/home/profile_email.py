"""Change the e-mail address. A mail scanner that opens the link changes nothing: only the button does."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from portal.accounts import email_change, queries
from portal.db.session import commits
from portal.errors import Refused
from portal.home.profile_blueprint import back_to_overview, bp
from portal.home.profile_forms import EmailForm
from portal.identity.guard import RECENTLY, demands
from portal.identity.hold import sensitive
from portal.identity.sessions import current_account
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render
from portal.web.state import web_state


@bp.route("/email", methods=["GET", "POST"])
@demands(fresh=RECENTLY)
@sensitive
@commits
def email() -> Response | str:
    """Ask for a link to the new address. Whoever has our letters can pass for the person ever after."""
    account = current_account()
    form = EmailForm()
    if form.accepted():
        try:
            email_change.ask(account, email=form.email.data, link=_link)
        except Refused as refusal:
            form.refuse(refusal.sentence, "email")
        else:
            return redirect(url_for(".email_sent"))
    return render("home/profile/email.html", form=form, profile=queries.get_profile(account.id))


@bp.get("/email/sent")
def email_sent() -> Response | str:
    """What to do next."""
    waiting = queries.get_profile(current_account().id).email_change
    if waiting is None:
        return redirect(url_for(".overview"))
    return render("home/profile/email_sent.html", waiting=waiting)


@bp.route("/email/confirm/<token>", methods=["GET", "POST"])
@sensitive
@commits
def confirm_email(token: str) -> Response | str | tuple[str, int]:
    """The page behind the link: GET shows a button, POST makes the address theirs."""
    account = current_account()
    waiting = email_change.find_waiting(account, token)
    if waiting is None:
        return render("home/profile/email_link_dead.html"), 410
    if request.method == "POST":
        email_change.confirm(account, token=token)
        return back_to_overview(_("Your email address has been changed"))
    return render("home/profile/email_confirm.html", waiting=waiting)


@bp.post("/email/cancel")
@commits
def cancel_email() -> Response:
    """Keep the address we have."""
    email_change.cancel(current_account())
    notify_next(_("We keep using the email address we have"))
    return redirect(url_for(".overview"))


def _link(token: str) -> str:
    return web_state().settings.public_url + url_for("profile.confirm_email", token=token)
