"""DVLA's Vehicle Enquiry Service played by us, for demos and tests: reached over HTTP only.

Speaks version 1 as DVLA's developer portal describes it (specification 1.1.0), with its test registrations.
"""

import hmac
import re
import time
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, Response, current_app, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from portal.kit import clock, gettext
from services.permits.standin import panel
from services.permits.standin.told import Behaviour, Told
from services.permits.standin.vehicles import REFUSED, find

SECRET: Final = "permits.standin.secret"  # noqa: S105  # where the secret is kept, not a secret
_MARK: Final = re.compile(r"[A-Z0-9]{1,7}")
PAGE: Final = "<!DOCTYPE html><title>{0}</title><h1>{0}</h1>"
MOST_BYTES: Final = 10_000


def create(database_url: str, address: str, secret: str) -> Flask:  # noqa: ARG001  # the shape that stand-ins have
    """The stand-in at `address`, which lets in who shows `secret` as its `x-api-key`."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    told = Told(database_url)
    app.extensions[SECRET] = secret
    app.extensions[panel.TOLD] = told
    app.jinja_env.globals["_"] = gettext
    app.register_blueprint(panel.bp)
    app.register_error_handler(HTTPException, _no_request)
    app.add_url_rule("/v1/vehicles", view_func=_vehicle, methods=["POST"])
    told.make_table()
    told.engine.dispose()  # the web server parts into processes after this
    return app


def _vehicle() -> Response:
    """What is known of one vehicle."""
    told: Told = current_app.extensions[panel.TOLD]
    if instead := _instead(told.how()):
        return instead
    if not hmac.compare_digest(request.headers.get("x-api-key", "").encode(), current_app.extensions[SECRET].encode()):
        return make_response(jsonify(message="Forbidden"), 403)  # as the gateway before DVLA's service says it
    asked: object = request.get_json(silent=True)
    typed = asked.get("registrationNumber") if isinstance(asked, dict) else None
    registration = typed.upper() if isinstance(typed, str) else ""
    if not _MARK.fullmatch(registration):
        return _refused(*REFUSED["ER19BAD"])
    if registration in REFUSED:
        return _refused(*REFUSED[registration])
    found = find(registration, clock.today())
    return jsonify(found) if found else _refused(*REFUSED["ER19NFD"])


def _instead(told: Behaviour) -> Response | None:
    match told.answers:
        case "slow":
            time.sleep(told.seconds)
        case "down":
            return _refused(*REFUSED["ER19MNT"])
        case "wrong":
            return make_response(PAGE.format("Welcome to the proxy"), 200)
        case "busy":
            return make_response(jsonify(message="Too Many Requests"), 429)
    return None


def _refused(status: int, error: Mapping[str, Any]) -> Response:  # plain JSON
    return make_response(jsonify(errors=[error]), status)


def _no_request(error: HTTPException) -> Response:
    """What is no request at all, or of nothing that is here: the gateway before DVLA's service says it."""
    return make_response(jsonify(message=error.name), error.code or 500)
