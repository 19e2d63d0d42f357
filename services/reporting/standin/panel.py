"""The page on which somebody plays the contractor: what came in, what is done about it, and how the system behaves.

A page of its own and not of the portal: the system that it plays is somebody else's.
"""

from datetime import datetime
from typing import Final, get_args

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from portal.kit import clock
from services.reporting.rules.open311.posting import STATUSES
from services.reporting.standin.works import Answers, Behaviour, Works

WORKS: Final = "reporting.standin.works"
LONGEST_WORDS: Final = 1000

bp = Blueprint("reporting_panel", __name__, template_folder="templates")


def now() -> datetime:
    """The moment that it is."""
    return clock.now()


@bp.before_request
def refuse_strangers() -> ResponseReturnValue | None:
    """Only this page's own forms may write: a stranger's page would come from another site."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return make_response("This came from another site.", 403)
    return None


@bp.after_request
def close(answer: Response) -> Response:
    """Nothing from elsewhere, and in nobody's frame."""
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@bp.get("/")
def page() -> str:
    """How it behaves, and which jobs it has."""
    return render_template(
        "reporting_standin/panel.html",
        told=_works().how(),
        ways=get_args(Answers),
        jobs=_works().jobs()[:50],
        heard=_works().heard()[:50],
        statuses=STATUSES,
    )


@bp.post("/")
def change_behaviour() -> ResponseReturnValue:
    """What was chosen on the page."""
    try:
        _works().tell(Behaviour(answers=request.form.get("answers", "")))
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


@bp.put("/control")
def behave() -> Response:
    """How to behave, for programs: JSON alone, which no page of a stranger can send here."""
    if request.mimetype != "application/json":
        return Response(status=415)
    try:
        told = Behaviour.model_validate_json(request.get_data())
    except ValidationError as error:
        wrong = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
        return make_response(jsonify(wrong=wrong), 400)
    _works().tell(told)
    return jsonify(told.model_dump(mode="json"))


@bp.get("/panel.css")
def style() -> Response:
    """The page's looks."""
    return Response(STYLE, mimetype="text/css")


def _works() -> Works:
    works: Works = current_app.extensions[WORKS]
    return works


STYLE = """
body { font: 1.125rem/1.5 system-ui, sans-serif; color: #0b0c0c; margin: 0 auto; max-width: 60rem; padding: 1rem; }
fieldset, article { border: 1px solid #505a5f; margin: 0 0 1rem; padding: 0 1rem 1rem; }
label { display: block; padding: .25rem 0; }
p { overflow-wrap: anywhere; }
select, input { font: inherit; max-width: 100%; }
button { font: inherit; background: #00703c; color: #fff; border: 2px solid #00703c; padding: .4rem 1rem; }
:focus { outline: 3px solid #0b0c0c; outline-offset: 2px; }
"""
