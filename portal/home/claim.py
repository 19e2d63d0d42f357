"""Claim what staff sent for you: with the code that they read out or wrote."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commits, session
from portal.errors import Conflict, Refused
from portal.home.claiming import claim
from portal.identity.hold import sensitive
from portal.identity.sessions import current_account
from portal.web import forms
from portal.web.languages import gettext, ngettext
from portal.web.languages import lazy_gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("claim", __name__, template_folder="templates")


class ClaimForm(forms.Form):
    """The code."""

    code = forms.TextField(
        _("Your code"),
        hint=_("12 letters and numbers, like 7K3M-9XPQ-2TVB. We gave it to you when you rang, came or wrote to us."),
        required=_("Enter your code"),
        max_length=40,
        autocomplete="off",
        spellcheck=False,
    )


@bp.route("/claim", methods=["GET", "POST"])
@sensitive
@commits
def claim_page() -> ResponseReturnValue:
    """A link may bring the code along; only the button uses it, so no program that opens links does."""
    form = ClaimForm(code=request.args.get("code", "")[:40])
    if form.accepted():
        try:
            cases = claim(current_account(), str(form.code.data))
        except Refused as refusal:
            form.refuse(refusal.sentence, "code")
        except Conflict as again:
            session().rollback()
            notify_next(again.sentence)
            return redirect(url_for("home.home"), 303)
        else:
            notify_next(_what_came(cases))
            return redirect(url_for("home.home"), 303)
    return render("home/claim.html", form=form)


def _what_came(cases: int) -> str:
    if not cases:
        return gettext("What we kept for you is in your account now. There were no cases among it.")
    return ngettext(
        "What we sent in for you is in your account now: %(n)s case",
        "What we sent in for you is in your account now: %(n)s cases",
        cases,
    )
