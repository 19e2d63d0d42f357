"""The council's own council tax system played by us, for demos and tests: reached over HTTP only."""

import hmac

from flask import Flask, Response, g, jsonify, make_response, request
from sqlalchemy import insert
from werkzeug.exceptions import HTTPException

from portal.kit import StandinSays, clock, standin_told, with_faults
from portal.kit import lazy_gettext as _
from services.council_tax.standin import panel, reading, writing
from services.council_tax.standin.behaviour import Behaviour
from services.council_tax.standin.demo_people import seed
from services.council_tax.standin.faults import Fault, nothing_there
from services.council_tax.standin.place import KEY, Place, how, place, tell_first
from services.council_tax.standin.store import Store, call

AT_FIRST = Behaviour(officer_minutes=5)
"""In a demo nobody waits for an officer."""
SAYS = {"busy": StandinSays(429, body={"code": "busy", "sentence": "Too many requests."})}


def create(database_url: str, address: str, secret: str) -> Flask:
    """The stand-in at `address`, which lets in who bears `secret`. Its tables and the demo's people are there."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    store = Store(database_url)
    app.extensions[KEY] = Place(store, secret, address)
    app.before_request(_pass_the_gate)
    app.after_request(_keep_nowhere)
    app.register_error_handler(Fault, _fault)
    app.register_error_handler(HTTPException, _no_request)
    app.register_blueprint(reading.bp)
    app.register_blueprint(writing.bp)
    app.register_blueprint(panel.bp)
    store.make_tables()
    with app.app_context(), store.work() as db:
        seed(db, clock.today())
        tell_first(db, AT_FIRST)
    store.engine.dispose()  # the web server parts into processes after this
    title = _("Stand-in for the council tax system")
    return with_faults(app, database_url, name="council_tax", title=title, calls=("/v1/",), says=SAYS)


def _pass_the_gate() -> Response | None:
    """Note the call, then look at who calls."""
    if "\0" in request.path or b"%00" in request.query_string:
        raise nothing_there()  # no text of PostgreSQL holds it
    if not request.path.startswith("/v1/"):
        return None
    with place().store.work() as db:
        g.behaviour = how(db).later(standin_told().later)
        db.execute(
            insert(call),
            {
                "at": clock.now(),
                "method": request.method,
                "path": request.path[:200],
                "key": request.headers.get("Idempotency-Key", "")[:100],
            },
        )
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), place().secret.encode()):
        raise Fault(401, "unauthorised", "Send the token of this system as Authorization: Bearer.")
    return None


def _keep_nowhere(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _fault(error: Fault) -> Response:
    return make_response(jsonify(code=error.code, sentence=error.sentence), error.status)


def _no_request(error: HTTPException) -> Response:
    """What is no request at all, or of nothing that is here."""
    status = error.code or 500
    code = "not_found" if status == 404 else (error.name or "error").lower().replace(" ", "_")
    return make_response(jsonify(code=code, sentence=error.description or ""), status)
