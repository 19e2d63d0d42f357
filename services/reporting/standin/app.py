"""A contractor's Open311 server played by us, for demos and tests: reached over HTTP only, and in XML alone.

It keeps `Idempotency-Key`, gives ids of its own (`W-1001`), and speaks mySociety's extension for updates.
"""

import hmac
import re
from typing import Any, Final

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from portal.kit import lazy_gettext as _
from portal.kit import with_faults
from services.reporting.rules.open311.asking import LONGEST_SPAN, read_updates_question
from services.reporting.rules.open311.faults import Wrong
from services.reporting.rules.open311.writing import MIMETYPES, Answer, errors, moment
from services.reporting.standin import panel
from services.reporting.standin.works import CLOSED, Works

SECRET: Final = "reporting.standin.secret"  # noqa: S105  # where the secret is kept, not a secret
CALLS: Final = ("/requests.xml", "/tokens/", "/servicerequestupdates.xml")
MOST_BYTES: Final = 200_000
_ID: Final = re.compile(r"W-([0-9]{1,9})")


def create(database_url: str, address: str, secret: str) -> Flask:  # noqa: ARG001  # the shape that stand-ins have
    """The stand-in at `address`, which takes what comes with `secret` as its `api_key`."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    works = Works(database_url)
    app.extensions[SECRET] = secret
    app.extensions[panel.WORKS] = works
    app.register_blueprint(panel.bp)
    app.register_error_handler(HTTPException, _no_request)
    app.register_error_handler(Wrong, lambda error: _answer(errors(error.status, error.sentences), error.status))
    app.before_request(_pass_the_gate)
    app.add_url_rule("/requests.xml", view_func=_take, methods=["POST"])
    app.add_url_rule("/requests.xml", view_func=_tell, methods=["GET"])
    app.add_url_rule("/tokens/<token>.xml", view_func=_token)
    app.add_url_rule("/servicerequestupdates.xml", view_func=_hear, methods=["POST"])
    app.add_url_rule("/servicerequestupdates.xml", view_func=_say, methods=["GET"])
    works.make_tables()
    works.engine.dispose()  # the web server parts into processes after this
    return with_faults(app, database_url, name="reporting", title=_("The works contractor"), calls=CALLS)


def _pass_the_gate() -> Response | None:
    """Refuse what it was told to refuse, then look at who calls."""
    if not request.path.endswith(".xml"):
        return None
    g.behaviour = told = _works().how()
    if told.takes == "never":
        return _answer(errors(400, ["The contract for this street has ended."]), 400)
    shown = request.values.get("api_key", "").encode()
    if request.method == "POST" and not hmac.compare_digest(shown, current_app.extensions[SECRET].encode()):
        return _answer(errors(403, ["api_key is not one that we know"]), 403)
    return None


def _take() -> Response:
    """Take in a job."""
    fields = {name: values for name, values in request.form.lists() if name != "api_key"}
    if "service_code" not in fields or not ("lat" in fields or "address_string" in fields):
        return _answer(errors(400, ["a service_code and a place are needed"]), 400)
    number = _works().take(request.headers.get("Idempotency-Key"), fields)
    given = "token" if g.behaviour.takes == "with_token" else "service_request_id"
    name = f"T{number}" if given == "token" else f"W-{number}"
    return _answer(Answer("service_requests", [{given: name, "service_notice": None, "account_id": None}]))


def _token(token: str) -> Response:
    """Which job a token stands for."""
    if not _works().jobs([_number(f"W-{token[1:]}")]):
        return _answer(errors(404, ["token was not found"]), 404)
    return _answer(Answer("service_requests", [{"service_request_id": f"W-{token[1:]}", "token": token}]))


def _tell() -> Response:
    """How jobs stand."""
    asked = request.args.get("service_request_id", "")
    numbers = [_number(each) for each in asked.split(",")] if asked else None
    rows: list[Any] = [  # what an answer holds
        {
            "service_request_id": f"W-{row['number']}",
            "status": "closed" if row["status"] in CLOSED else "open",
            "status_notes": None,
            "service_code": row["fields"]["service_code"][0],
            "requested_datetime": moment(row["came_at"]),
            "updated_datetime": moment(row["changed_at"]),
        }
        for row in _works().jobs(numbers)
    ]
    return _answer(Answer("service_requests", rows))


def _hear() -> Response:
    """What the council says of a job: its residents' words."""
    given = request.form
    words = "\n".join(filter(None, (given.get("description"), given.get("media_url"))))
    key = request.headers.get("Idempotency-Key")
    number = _number(given.get("service_request_id", ""))
    if not _works().note(number, status=given.get("status", ""), words=words, by_us=False, key=key):
        return _answer(errors(404, ["service_request_id was not found"]), 404)
    return _answer(Answer("service_request_updates", [{"update_id": key or ""}]))


def _say() -> Response:
    """What was done since."""
    asked = read_updates_question(request.args.to_dict(flat=False), panel.now())
    assert asked.since is not None
    rows: list[Any] = [  # what an answer holds
        {
            "update_id": f"S-{row['number']}",
            "service_request_id": f"W-{row['job']}",
            "status": row["status"],
            "description": row["words"],
            "updated_datetime": moment(row["at"]),
        }
        for row in _works().steps(asked.since, asked.until or asked.since + LONGEST_SPAN)
    ]
    return _answer(Answer("service_request_updates", rows))


def _number(written: str) -> int:
    found = _ID.fullmatch(written.strip())
    return int(found[1]) if found else 0


def _works() -> Works:
    works: Works = current_app.extensions[panel.WORKS]
    return works


def _answer(content: Answer, status: int = 200) -> Response:
    return Response(content.written("xml"), status, content_type=MIMETYPES["xml"])


def _no_request(error: HTTPException) -> Response:
    """What is no request at all, or of nothing that is here."""
    status = error.code or 500
    return _answer(errors(status, [error.name]), status)
