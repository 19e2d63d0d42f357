"""The council's own council tax system played by us, for demos and tests: reached over HTTP only."""

import hmac
import time

from flask import Flask, Response, g, jsonify, make_response, request
from sqlalchemy import insert
from werkzeug.exceptions import HTTPException

from portal.kit import clock, gettext
from services.council_tax.standin import panel, reading, writing
from services.council_tax.standin.behaviour import Behaviour
from services.council_tax.standin.demo_people import seed
from services.council_tax.standin.faults import Fault, nothing_there
from services.council_tax.standin.place import KEY, Place, how, place, tell_first
from services.council_tax.standin.store import Store, call

AT_FIRST = Behaviour(officer_minutes=5)
"""In a demo nobody waits for an officer."""
PAGE = "<!DOCTYPE html><title>{0}</title><h1>{0}</h1>"


def create(database_url: str, address: str, secret: str) -> Flask:
    """The stand-in at `address`, which lets in who bears `secret`. Its tables and the demo's people are there."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    store = Store(database_url)
    app.extensions[KEY] = Place(store, secret, address)
    app.before_request(_pass_the_gate)
    app.after_request(_unsay)
    app.register_error_handler(Fault, _fault)
    app.register_error_handler(HTTPException, _no_request)
    app.jinja_env.globals["_"] = gettext
    app.register_blueprint(reading.bp)
    app.register_blueprint(writing.bp)
    app.register_blueprint(panel.bp)
    store.make_tables()
    with app.app_context(), store.work() as db:
        seed(db, clock.today())
        tell_first(db, AT_FIRST)
    store.engine.dispose()  # the web server parts into processes after this
    return app


def _pass_the_gate() -> Response | None:
    """Note the call, then do what it was told to do in the place of an answer, then look at who calls."""
    if "\0" in request.path or b"%00" in request.query_string:
        raise nothing_there()  # no text of PostgreSQL holds it
    if not request.path.startswith("/v1/"):
        return None
    with place().store.work() as db:
        g.behaviour = told = how(db)
        db.execute(
            insert(call),
            {
                "at": clock.now(),
                "method": request.method,
                "path": request.path[:200],
                "key": request.headers.get("Idempotency-Key", "")[:100],
            },
        )
    if instead := _instead(told):
        return instead
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), place().secret.encode()):
        raise Fault(401, "unauthorised", "Send the token of this system as Authorization: Bearer.")
    return None


def _instead(told: Behaviour) -> Response | None:
    match told.answers:
        case "slow":
            time.sleep(told.seconds)
        case "down":
            return make_response(PAGE.format("503 Service Unavailable"), 503)
        case "wrong":
            return make_response(PAGE.format("Welcome to the proxy"), 200)
        case "busy":
            return make_response(jsonify(code="busy", sentence="Too many requests."), 429, {"Retry-After": "1"})
    return None


def _unsay(answer: Response) -> Response:
    """Break before saying that something was done."""
    told: Behaviour | None = g.get("behaviour")
    if told is not None and told.answers == "unsaid" and request.method == "POST" and answer.status_code < 300:
        return make_response(PAGE.format("500 Internal Server Error"), 500)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _fault(error: Fault) -> Response:
    return make_response(jsonify(code=error.code, sentence=error.sentence), error.status)


def _no_request(error: HTTPException) -> Response:
    """What is no request at all, or of nothing that is here."""
    status = error.code or 500
    code = "not_found" if status == 404 else (error.name or "error").lower().replace(" ", "_")
    return make_response(jsonify(code=code, sentence=error.description or ""), status)
