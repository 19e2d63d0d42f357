"""The page on which somebody plays the contractor: what came in, and what is done about it."""

from datetime import datetime
from typing import Final

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from portal.kit import StandinPanel, clock
from services.reporting.rules.open311.posting import STATUSES
from services.reporting.standin.works import Behaviour, Works

WORKS: Final = "reporting.standin.works"
LONGEST_WORDS: Final = 1000

bp = StandinPanel("reporting_panel", __name__)


def now() -> datetime:
    """The moment that it is."""
    return clock.now()


@bp.get("/")
def page() -> str:
    """How it behaves, and which jobs it has."""
    return render_template(
        "reporting_standin/panel.html",
        told=_works().how(),
        jobs=_works().jobs()[:50],
        heard=_works().heard()[:50],
        statuses=STATUSES,
    )


@bp.post("/")
def change_behaviour() -> ResponseReturnValue:
    """What was chosen on the page."""
    try:
        _works().tell(Behaviour.model_validate({"takes": request.form.get("takes", "")}))
    except ValidationError:
        return make_response("Go back and choose from what the page offers.", 422)
    return redirect(url_for(".page"), 303)


@bp.post("/jobs/<int:number>")
def work_on(number: int) -> ResponseReturnValue:
    """Say what was done about a job. The council hears of it when it asks."""
    status, words = request.form.get("status", ""), request.form.get("words", "").strip()[:LONGEST_WORDS]
    if status not in STATUSES or not _works().note(number, status=status, words=words, by_us=True):
        return make_response("Go back and choose from what the page offers.", 422)
    return redirect(url_for(".page"), 303)


def _works() -> Works:
    works: Works = current_app.extensions[WORKS]
    return works


bp.control(Behaviour, lambda told: _works().tell(told))
