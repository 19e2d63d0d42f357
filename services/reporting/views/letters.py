"""Where letters lead: a guest's report, and the question whether it was fixed.

Opening such a page changes nothing: mail is opened by programs before anybody reads it, and the link works again.
"""

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Conflict, Refused, TooMany, commits, notify_next, public, render, session
from portal.kit import gettext as _
from services.reporting.forms.public import FixedForm, GuestAnswerForm
from services.reporting.forms.sending import CheckForm
from services.reporting.operations import asking_fixed, guest_talk, guests
from services.reporting.queries.public import find_public
from services.reporting.rules.categories import title_of
from services.reporting.rules.written import Written, digest_of
from services.reporting.views.blueprint import bp
from services.reporting.views.public import line_of_staying
from services.reporting.views.public_words import Line
from services.reporting.workflow import TAG_COLOURS, status_called


@bp.route("/guest/letters/<token>", methods=["GET", "POST"])
@public
@commits
def guest_letter(token: str) -> ResponseReturnValue:
    """A guest's report: the button sends it, and later the page says how it stands and how to claim it."""
    found = guests.get_by_letter(token)
    unsent = guests.find_unsent(found)
    form = CheckForm(digest_of(unsent))
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
    return render("reporting/guest_letter.html", found=found, form=form, **_standing(found, unsent))


@bp.route("/guest/letters/<token>/write", methods=["GET", "POST"])
@public
@commits
def guest_write(token: str) -> ResponseReturnValue:
    """Write to us about the report, as an answer or unasked, without an account."""
    found, form = guests.get_by_letter(token), GuestAnswerForm()
    talk = guest_talk.talk_of(found)
    if form.accepted():
        try:
            guest_talk.answer(found, str(form.words.data), key=form.once)
        except (Refused, TooMany, Conflict) as error:
            session().rollback()  # a count that was refused is kept by itself
            form.refuse(error.sentence, "words")
        else:
            notify_next(_("Your message has been sent. We will write to you when we answer."))
            return redirect(url_for(".guest_letter", token=token))
    return render("reporting/guest_write.html", form=form, found=found, token=token, writing=talk.writing)


def _standing(found: guests.GuestReport, unsent: Written | None) -> Mapping[str, Any]:
    """How the report stands, its public page if it has one, and what was said; before it was sent, what it says."""
    if not found.reference:
        return {"unsent": unsent, "title": title_of(unsent.category) if unsent else ""}
    report, status = find_public(found.reference), guest_talk.case_of(found).status
    return {
        "stays": line_of_staying(found.draft_id),
        "line": Line(report) if report else None,
        "status": status_called(status),
        "colour": TAG_COLOURS.get(status, "grey"),
        "talk": None if found.claimed else guest_talk.talk_of(found, before=request.args.get("before")),
        "token": (request.view_args or {})["token"],
    }


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
