"""Already reported? What is open near by, before a second report of the same problem is sent."""

from flask import redirect
from flask.typing import ResponseReturnValue

from services.reporting.forms.sending import NearbyForm
from services.reporting.queries.nearby import reports_near
from services.reporting.rules.journey import NONE_OF_THESE, Step, place_of
from services.reporting.views.asking import Asking, ask, go_on, question


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
