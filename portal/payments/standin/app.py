"""GOV.UK Pay played by us, for demos and tests: reached over HTTP only, with a memory of its own.

It speaks version 1 of the API as docs.payments.service.gov.uk has it, for a service whose provider is the sandbox.
"""

import hmac
import time

from flask import Flask, Response, current_app, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from portal.payments.standin import absent, courier, journey, pages, panel, paying, refunding
from portal.payments.standin.faults import Fault, not_found
from portal.payments.standin.firewall import pass_firewall
from portal.payments.standin.limits import hold_to_limits
from portal.payments.standin.place import CALLBACK, KEY, Place, listen, place, told
from portal.payments.standin.store import Store
from portal.settings.portal import Settings
from portal.web.languages import gettext

PAGE = "<!DOCTYPE html><title>{0}</title><h1>{0}</h1>"


def create_standin(settings: Settings) -> Flask:
    """The stand-in that the settings lead to: it knows the key and the secret that we use."""
    pay = settings.pay
    assert pay.token is not None, "ask `is_set` first"
    secret = pay.webhook_secret.get_secret_value() if pay.webhook_secret else ""
    at = Place(
        Store(settings.database_url),
        address=pay.url,
        token=pay.token.get_secret_value(),
        secret=secret,
        callback=f"{settings.public_url}{CALLBACK}",
    )
    return create(at)


def create(at: Place) -> Flask:
    """The stand-in at a place. Its tables are there."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.extensions[KEY] = at
    app.before_request(_pass_the_gate)
    app.after_request(_unsay)
    app.register_error_handler(Fault, _fault)
    app.register_error_handler(HTTPException, _no_request)
    app.jinja_env.globals["_"] = gettext
    for each in (paying, refunding, absent, pages, panel):
        app.register_blueprint(each.bp)
    at.store.make_tables()
    at.store.engine.dispose()  # the web server parts into processes after this
    return app


def _pass_the_gate() -> Response | None:
    """Let time have its way; then do what was told in the place of an answer; then look at who calls, how often."""
    if "\0" in request.path or b"%00" in request.query_string:
        raise not_found("P0200")  # no text of PostgreSQL's holds it
    with place().store.work() as db:
        journey.catch_up(db, listen(db))
    if not request.path.startswith("/v1/"):
        return None
    if instead := _instead():
        return instead
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), place().token.encode()):
        return make_response(jsonify(code=401, message="Credentials are required to access this resource"), 401)
    if request.method == "POST":
        pass_firewall(request)
        hold_to_limits("create" if request.path == "/v1/payments" else "other")
    return None


def _instead() -> Response | None:
    match told().answers:
        case "slow" if request.method == "GET":
            time.sleep(told().seconds)
        case "down":
            body = jsonify(code="P0999", description="GOV.UK Pay is unavailable at the moment. Please try again later.")
            return make_response(body, 503)
        case "wrong":
            return make_response(PAGE.format("Welcome to the proxy"), 200)
        case "busy":
            raise Fault(429, "P0900", "Too many requests")
    return None


def _unsay(answer: Response) -> Response:
    """Send what is to be sent; then do what was told after something was done: say so late, or break before that."""
    courier.wake(current_app)
    answer.headers["Cache-Control"] = "no-store"
    if not request.path.startswith("/v1/") or request.method != "POST" or answer.status_code >= 300:
        return answer
    if told().answers == "slow":
        time.sleep(told().seconds)
    if told().answers == "unsaid":
        return make_response(PAGE.format("500 Internal Server Error"), 500)
    return answer


def _fault(error: Fault) -> Response:
    return make_response(jsonify(error.body), error.status)


def _no_request(error: HTTPException) -> Response:
    """What is no request at all, or of nothing that is here."""
    if not request.path.startswith("/v1/"):
        return make_response(PAGE.format(f"{error.code} {error.name}"), error.code or 500)
    return make_response(jsonify(code=error.code, message=f"HTTP {error.code} {error.name}"), error.code or 500)
