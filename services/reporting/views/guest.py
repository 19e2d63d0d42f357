"""Report without an account: the way in, the e-mail address, and the page that says that a letter is on its way."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Form, Refused, TooMany, browser_id, commits, public, render, settings_of
from portal.kit import gettext as _
from services.reporting.forms.sending import ContactForm
from services.reporting.operations import guests
from services.reporting.operations.answering import keep_answer
from services.reporting.rules.categories import offered_by_group
from services.reporting.rules.journey import Step
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.asking import GUEST, Asking, add_page, ask, go_on, question
from services.reporting.views.blueprint import bp


@bp.get("/guest")
@public
def guest() -> ResponseReturnValue:
    """What can be reported, and the two ways in: with an account, or with an e-mail address."""
    return _ways_in(None, taken=settings_of(ReportingSettings).guests)


@bp.post("/guest")
@public
@commits
def begin_as_guest() -> ResponseReturnValue:
    """Start a report that this browser alone can open."""
    form = Form()
    try:
        draft = guests.begin(browser_id(), come_from=request.remote_addr or "")
    except (Refused, TooMany) as error:
        form.refuse(error.sentence)
        return _ways_in(form, taken=True)
    account, draft = guests.get_guest_draft(browser_id(), draft.id)
    keep_answer(account, draft_id=draft.id, step=Step.CONTACT, answers={})
    return redirect(url_for(f".{GUEST}{Step.DESCRIPTION}", draft_id=draft.id))


def _ways_in(form: Form | None, *, taken: bool) -> str:
    begun = guests.find_begun(browser_id())
    return render("reporting/guest.html", groups=offered_by_group(), guests=taken, form=form, draft=begun)


@question(Step.CONTACT)
def contact(asking: Asking) -> ResponseReturnValue:
    """Where we write to."""
    form = ContactForm(asking.draft.answers.get(Step.CONTACT))
    if form.accepted():
        return go_on(asking, Step.CONTACT, email=form.email.data)
    return ask("question", asking, Step.CONTACT, form, heading=form.email.text)


def written(asking: Asking) -> ResponseReturnValue:
    """The letter is on its way; the report is sent by the link in it."""
    email = asking.draft.answers.get(Step.CONTACT, {}).get("email", "")
    if not asking.draft.case_id and not email:
        return redirect(asking.page_of(Step.CHECK))
    hours = settings_of(ReportingSettings).guest_hours
    heading = _("Your report has been sent") if asking.draft.case_id else _("Check your email")
    return render("reporting/written.html", asking=asking, email=email, hours=hours, heading=heading)


add_page("written", written, methods=["GET"])
