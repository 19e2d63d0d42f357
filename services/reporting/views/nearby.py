"""Already reported? What is open near by, before a second report of the same problem is sent."""

from flask import redirect
from flask.typing import ResponseReturnValue

from portal.kit import Refused, TooMany, Unavailable, notify_next, render
from portal.kit import gettext as _
from services.reporting.forms.sending import NearbyForm, OnePhotoForm
from services.reporting.operations.photos import add_photo_to
from services.reporting.queries import public
from services.reporting.queries.nearby import reports_near
from services.reporting.rules.categories import title_of
from services.reporting.rules.journey import NONE_OF_THESE, Step, place_of
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
    """Somebody else's report of the same problem: follow it, and add a photo to it, instead of sending a second one."""
    report, form = public.get_public(reference), OnePhotoForm()
    if form.accepted():
        try:
            for file in form.photos.data:
                add_photo_to(asking.account, report_id=report.id, stream=file.stream)
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "photos")
        else:
            notify_next(_("Thank you. We look at each photo before it is shown."))
            return redirect(asking.address("same", reference=report.reference))
    back, title = asking.page_of(Step.NEARBY), title_of(report.category)
    return render("reporting/same.html", asking=asking, report=report, form=form, title=title, back=back)


add_page("same", same, "same/<reference>")
