"""DVLA's Vehicle Enquiry Service played by us, for demos and tests: reached over HTTP only.

Speaks version 1 as DVLA's developer portal describes it (specification 1.1.0), with its test registrations.
"""

import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, Response, current_app, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from portal.kit import StandinSays, clock, with_faults
from portal.kit import lazy_gettext as _
from services.permits.standin import panel
from services.permits.standin.vehicles import REFUSED, find

SECRET: Final = "permits.standin.secret"  # noqa: S105  # where the secret is kept, not a secret
_MARK: Final = re.compile(r"[A-Z0-9]{1,7}")
MOST_BYTES: Final = 10_000
SAYS: Final = {
    "down": StandinSays(REFUSED["ER19MNT"][0], body={"errors": [REFUSED["ER19MNT"][1]]}),
    "busy": StandinSays(429, body={"message": "Too Many Requests"}),
}
"""As DVLA's service, and the gateway before it, say it."""


def create(database_url: str, address: str, secret: str) -> Flask:  # noqa: ARG001  # the shape that stand-ins have
    """The stand-in at `address`, which lets in who shows `secret` as its `x-api-key`."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.extensions[SECRET] = secret
    app.register_blueprint(panel.bp)
    app.register_error_handler(HTTPException, _no_request)
    app.add_url_rule("/v1/vehicles", view_func=_vehicle, methods=["POST"])
    title = _("Stand-in for DVLA")
    return with_faults(app, database_url, name="permits", title=title, calls=("/v1/",), says=SAYS)


def _vehicle() -> Response:
    """What is known of one vehicle."""
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


def _refused(status: int, error: Mapping[str, Any]) -> Response:  # plain JSON
    return make_response(jsonify(errors=[error]), status)


def _no_request(error: HTTPException) -> Response:
    """What is no request at all, or of nothing that is here: the gateway before DVLA's service says it."""
    return make_response(jsonify(message=error.name), error.code or 500)
