"""Already reported? What is open near by, before a second report of the same problem is sent."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Refused, TooMany, Unavailable, notify_next, render, settings_of
from portal.kit import gettext as _
from services.reporting.forms.sending import FollowByEmailForm, FollowForm, NearbyForm
from services.reporting.operations.drafts import discard_report
from services.reporting.operations.following import follow, follow_by_email
from services.reporting.operations.photos import add_photo_to
from services.reporting.queries import public
from services.reporting.queries.nearby import reports_near
from services.reporting.queries.public import PublicReport
from services.reporting.rules.categories import title_of
from services.reporting.rules.journey import NONE_OF_THESE, Step, place_of
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.asking import Asking, add_page, ask, go_on, question


@question(Step.NEARBY)
def nearby(asking: Asking) -> ResponseReturnValue:
    """Whether it is one of the reports near by. Those of the moment are shown: some may have been closed since."""
    point, kept = place_of(asking.draft.answers).point, asking.draft.answers[Step.NEARBY]
    near = reports_near(asking.category, point) if point else ()
    form = NearbyForm(kept, near)
    if form.accepted():
        if form.choice.data == NONE_OF_THESE:
            return go_on(asking, Step.NEARBY, found=kept["found"], choice=NONE_OF_THESE)
        return redirect(asking.address("same", reference=form.choice.data))
    return ask("question", asking, Step.NEARBY, form, heading=form.choice.text)


def same(asking: Asking, reference: str) -> ResponseReturnValue:
    """Somebody else's report of the same problem: follow it, and add a photo to it, instead of sending a second one.

    A guest does both by the link in a letter.
    """
    report = public.get_public(reference)
    form = FollowByEmailForm() if asking.as_guest else FollowForm()
    if form.accepted():
        try:
            return _follow(asking, report, form)
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence)
    back, title = asking.page_of(Step.NEARBY), title_of(report.category)
    return render("reporting/same.html", asking=asking, report=report, form=form, title=title, back=back)


add_page("same", same, "same/<reference>")


def _follow(asking: Asking, report: PublicReport, form: FollowForm) -> ResponseReturnValue:
    """Follow it; the report that was begun is not wanted any more."""
    page = url_for(".public_report", reference=report.reference)
    photo = form.photo.data.stream if form.photo.data is not None else None
    if isinstance(form, FollowByEmailForm):
        follow_by_email(report, email=form.email.data, come_from=request.remote_addr or "", photo=photo)
        notify_next(
            _(
                "We have sent you an email. You follow this report once you have confirmed there. What you wrote"
                " yourself was not sent, and is deleted within %(hours)s hours.",
                hours=settings_of(ReportingSettings).guest_hours,
            )
        )
        return redirect(page)
    if photo is not None:
        add_photo_to(asking.account, report_id=report.id, stream=photo)
    follow(asking.account, report=report)
    discard_report(asking.account, draft_id=asking.draft.id)
    notify_next(_("You follow this report of your neighbour now. Your own, which was not sent, has been deleted."))
    return redirect(page)
