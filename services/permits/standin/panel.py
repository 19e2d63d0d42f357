"""The page on which somebody tells the stand-in how to behave, and its twin for programs.

A page of its own and not of the portal: the system that it plays is somebody else's.
"""

from typing import Final

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from portal.kit import clock
from services.permits.standin.told import Behaviour, Told
from services.permits.standin.vehicles import DEMO, REFUSED, find

TOLD: Final = "permits.standin.told"
TESTS: Final = ("AA19AAA", "AA19PPP", "AA19DSL", "AA19EEE", "AA19AMP", "AA19SRN", "AA19MOT", "L2WPS")

bp = Blueprint("permits_panel", __name__, template_folder="templates")


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
    """How it behaves, and which vehicles it knows."""
    asked = (*(each["registrationNumber"] for each in DEMO), *TESTS)
    known = [found for each in asked if (found := find(each, clock.today()))]
    refused = {mark: f"{status} {error['title']}" for mark, (status, error) in REFUSED.items()}
    return render_template("permits_standin/panel.html", told=_told().how(), known=known, refused=refused)


@bp.post("/")
def change_behaviour() -> ResponseReturnValue:
    """What was chosen on the page."""
    chosen = {name: value for name, value in request.form.items() if value != ""}
    try:
        _told().tell(Behaviour.model_validate(chosen))
    except ValidationError:
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
    _told().tell(told)
    return jsonify(told.model_dump(mode="json"))


@bp.get("/panel.css")
def style() -> Response:
    """The page's looks."""
    return Response(STYLE, mimetype="text/css")


def _told() -> Told:
    told: Told = current_app.extensions[TOLD]
    return told


STYLE = """
body { font: 1.125rem/1.5 system-ui, sans-serif; color: #0b0c0c; margin: 0 auto; max-width: 60rem; padding: 1rem; }
fieldset { border: 1px solid #505a5f; margin: 0 0 1rem; }
label { display: block; padding: .25rem 0; }
td, th { border-bottom: 1px solid #b1b4b6; padding: .5rem 1rem .5rem 0; text-align: left; overflow-wrap: anywhere; }
button { font: inherit; background: #00703c; color: #fff; border: 2px solid #00703c; padding: .4rem 1rem; }
:focus { outline: 3px solid #0b0c0c; outline-offset: 2px; }
"""
