"""Where letters lead: a guest's report, and the question whether it was fixed.

Opening such a page changes nothing: mail is opened by programs before anybody reads it, and the link works again.
"""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Refused, TooMany, commits, notify_next, public, render
from portal.kit import gettext as _
from services.reporting.forms.public import ButtonForm, FixedForm
from services.reporting.operations import asking_fixed, guests
from services.reporting.queries.public import find_public
from services.reporting.rules.categories import title_of
from services.reporting.views.blueprint import bp
from services.reporting.views.public_words import Line


@bp.route("/guest/letters/<token>", methods=["GET", "POST"])
@public
@commits
def guest_letter(token: str) -> ResponseReturnValue:
    """A guest's report: the button sends it, and later the page says how it stands and how to claim it."""
    found, form = guests.get_by_letter(token), ButtonForm()
    if form.accepted():
        try:
            if "claim" not in request.form:
                guests.confirm(token)
                return redirect(url_for(".guest_letter", token=token))
            code = guests.claim_code(token)
        except (Refused, TooMany) as error:
            form.refuse(error.sentence)
        else:
            return render("reporting/guest_claim.html", code=code, reference=found.reference)
    report = find_public(found.reference) if found.reference else None
    line = Line(report) if report else None
    return render("reporting/guest_letter.html", found=found, form=form, line=line)


@bp.route("/fixed/<token>", methods=["GET", "POST"])
@public
@commits
def fixed(token: str) -> ResponseReturnValue:
    """Was it fixed? A No opens the report again."""
    asked, form = asking_fixed.get_asked(token), FixedForm()
    if form.accepted():
        try:
            open_again = asking_fixed.answer_fixed(token, fixed=form.fixed.data == "yes", words=str(form.words.data))
        except Refused as error:
            form.refuse(error.sentence, "words")
        else:
            thanks = _("Thank you. We are glad that it was fixed.")
            notify_next(_("Thank you. Your report is open again, and the team will look.") if open_again else thanks)
            return redirect(url_for(".fixed", token=token))
    return render("reporting/fixed.html", form=form, asked=asked, title=title_of(asked.category))
