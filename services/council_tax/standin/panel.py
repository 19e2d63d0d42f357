"""The page on which somebody tells the stand-in how to behave and decides as an officer, and its twin for programs.

A page of its own and not of the portal: the system that it plays is somebody else's.
"""

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlalchemy import bindparam, func, select

from portal.kit import clock
from services.council_tax.standin import deciding
from services.council_tax.standin.behaviour import Behaviour
from services.council_tax.standin.place import how, place, tell
from services.council_tax.standin.store import call, change

bp = Blueprint("council_tax_panel", __name__, template_folder="templates")
SHOWN = 50

_WAITING = select(change).where(change.c.state == "with_officer").order_by(change.c.asked_at, change.c.key).limit(SHOWN)
_CALLS = (
    select(call.c.key, call.c.method, call.c.path, func.count().label("times"), func.min(call.c.id).label("first"))
    .where(call.c.key != "")
    .group_by(call.c.key, call.c.method, call.c.path)
    .order_by(func.min(call.c.id).desc())
    .limit(SHOWN)
)
_TIMES = select(func.count()).select_from(call).where(call.c.key == bindparam("which"))


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
def panel() -> str:
    """How it behaves, what waits for an officer, and which writes it got."""
    with place().store.work() as db:
        waiting, calls = db.execute(_WAITING).all(), db.execute(_CALLS).all()
        return render_template("council_tax_standin/panel.html", told=how(db), waiting=waiting, calls=calls)


@bp.post("/")
def change_behaviour() -> ResponseReturnValue:
    """What was chosen on the page."""
    chosen = {name: value for name, value in request.form.items() if value != ""}
    try:
        told = Behaviour.model_validate(chosen)
    except ValidationError:
        return make_response("Go back and choose from what the page offers.", 422)
    with place().store.work() as db:
        tell(db, told)
    return redirect(url_for(".panel"), 303)


@bp.post("/decisions")
def decide() -> ResponseReturnValue:
    """An officer accepts or refuses what somebody asked for."""
    with place().store.work() as db:
        told = how(db)
        deciding.decide(
            db,
            request.form.get("key", ""),
            accept=request.form.get("decision") == "accept",
            today=told.today or clock.today(),
            now=clock.now(),
        )
    return redirect(url_for(".panel"), 303)


@bp.put("/control")
def control() -> Response:
    """How to behave, for programs: JSON alone, which no page of a stranger can send here."""
    if request.mimetype != "application/json":
        return Response(status=415)
    try:
        told = Behaviour.model_validate_json(request.get_data())
    except ValidationError as error:
        wrong = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
        return make_response(jsonify(wrong=wrong), 400)
    with place().store.work() as db:
        tell(db, told)
    return jsonify(told.model_dump(mode="json"))


@bp.get("/calls/<key>")
def calls_of(key: str) -> Response:
    """How often a write came under a key, for those who prove that it was sent, and done, once."""
    with place().store.work() as db:
        return jsonify(times=db.execute(_TIMES, {"which": key}).scalar_one())


@bp.get("/panel.css")
def style() -> Response:
    """The page's looks."""
    return Response(STYLE, mimetype="text/css")


STYLE = """
body { font: 1.125rem/1.5 system-ui, sans-serif; color: #0b0c0c; margin: 0 auto; max-width: 60rem; padding: 1rem; }
fieldset { border: 1px solid #505a5f; margin: 0 0 1rem; }
label { display: block; padding: .25rem 0; }
td, th { border-bottom: 1px solid #b1b4b6; padding: .5rem 1rem .5rem 0; text-align: left; overflow-wrap: anywhere; }
button { font: inherit; background: #00703c; color: #fff; border: 2px solid #00703c; padding: .4rem 1rem; }
:focus { outline: 3px solid #0b0c0c; outline-offset: 2px; }
"""
