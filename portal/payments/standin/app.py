"""GOV.UK Pay played by us, for demos and tests: reached over HTTP only, with a memory of its own.

It speaks version 1 of the API as docs.payments.service.gov.uk has it, for a service whose provider is the sandbox.
"""

import hmac
from typing import Final

from flask import Flask, Response, current_app, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from portal.payments.standin import absent, courier, journey, pages, panel, paying, refunding
from portal.payments.standin.faults import Fault, not_found
from portal.payments.standin.firewall import pass_firewall
from portal.payments.standin.limits import hold_to_limits
from portal.payments.standin.place import CALLBACK, KEY, Place, listen, place
from portal.payments.standin.store import Store
from portal.settings.portal import Settings
from portal.standins.faulty import StandinSays, with_faults
from portal.web.languages import lazy_gettext as _

PAGE = "<!DOCTYPE html><title>{0}</title><h1>{0}</h1>"
AWAY: Final = "GOV.UK Pay is unavailable at the moment. Please try again later."
SAYS: Final = {
    "down": StandinSays(503, body={"code": "P0999", "description": AWAY}),
    "busy": StandinSays(429, body={"code": "P0900", "description": "Too many requests"}),
}
"""As Pay says it."""


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
    app.after_request(_send_and_keep_nowhere)
    app.register_error_handler(Fault, _fault)
    app.register_error_handler(HTTPException, _no_request)
    for each in (paying, refunding, absent, pages, panel):
        app.register_blueprint(each.bp)
    at.store.make_tables()
    at.store.engine.dispose()  # the web server parts into processes after this
    title = _("Stand-in for GOV.UK Pay")
    return with_faults(app, at.store.engine.url, name="pay", title=title, calls=("/v1/",), says=SAYS)


def _pass_the_gate() -> Response | None:
    """Let time have its way; then look at who calls, and how often."""
    if "\0" in request.path or b"%00" in request.query_string:
        raise not_found("P0200")  # no text of PostgreSQL's holds it
    with place().store.work() as db:
        journey.catch_up(db, listen(db))
    if not request.path.startswith("/v1/"):
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), place().token.encode()):
        return make_response(jsonify(code=401, message="Credentials are required to access this resource"), 401)
    if request.method == "POST":
        pass_firewall(request)
        hold_to_limits("create" if request.path == "/v1/payments" else "other")
    return None


def _send_and_keep_nowhere(answer: Response) -> Response:
    courier.wake(current_app)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _fault(error: Fault) -> Response:
    return make_response(jsonify(error.body), error.status)


def _no_request(error: HTTPException) -> Response:
    """What is no request at all, or of nothing that is here."""
    if not request.path.startswith("/v1/"):
        return make_response(PAGE.format(f"{error.code} {error.name}"), error.code or 500)
    return make_response(jsonify(code=error.code, message=f"HTTP {error.code} {error.name}"), error.code or 500)
