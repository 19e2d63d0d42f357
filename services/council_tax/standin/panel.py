"""The page on which somebody decides as an officer and sets the stand-in's day, and its twin for programs."""

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlalchemy import bindparam, func, select

from portal.kit import StandinPanel, clock
from services.council_tax.standin import deciding
from services.council_tax.standin.behaviour import Behaviour
from services.council_tax.standin.place import how, place, tell
from services.council_tax.standin.store import call, change

bp = StandinPanel("council_tax_panel", __name__)
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
    _tell(told)
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


@bp.get("/calls/<key>")
def calls_of(key: str) -> Response:
    """How often a write came under a key, for those who prove that it was sent, and done, once."""
    with place().store.work() as db:
        return jsonify(times=db.execute(_TIMES, {"which": key}).scalar_one())


def _tell(told: Behaviour) -> None:
    with place().store.work() as db:
        tell(db, told)


bp.control(Behaviour, _tell)
