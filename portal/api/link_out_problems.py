"""How a remote application is told no: RFC 9457, with one code for each reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from flask import Response, jsonify

from portal.web.state import web_state

PATH: Final = "/api/link-out/v1"
DOCUMENT: Final = f"{PATH}/openapi.json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One reason for a no. `title` is the same each time; what is particular stands in the answer's detail."""

    status: int
    title: str


PROBLEMS: Final = {
    "not_json": Kind(400, "The body is not JSON"),
    "no_token": Kind(401, "A bearer token is needed"),
    "wrong_token": Kind(401, "The bearer token is not known"),
    "scope": Kind(403, "The application may not write this"),
    "stopped": Kind(403, "The resident has turned the application off"),
    "not_found": Kind(404, "There is nothing at this address"),
    "unknown_resident": Kind(404, "The application knows no such resident"),
    "wrong_method": Kind(405, "This cannot be done here"),
    "older": Kind(409, "What is kept is newer"),
    "full": Kind(409, "There are too many already"),
    "different": Kind(409, "The key is taken by something else"),
    "too_large": Kind(413, "The body is too large"),
    "wrong_type": Kind(415, "The body must be application/json"),
    "invalid": Kind(422, "The body says something that cannot be"),
    "id_token": Kind(422, "The ID token is not good"),
    "too_many": Kind(429, "Too many calls"),
    "fault": Kind(500, "Something is wrong here"),
    "off": Kind(503, "The application is switched off here, or we are busy"),
}
BY_STATUS: Final = {
    400: "not_json",
    404: "not_found",
    405: "wrong_method",
    413: "too_large",
    415: "wrong_type",
    429: "too_many",
    503: "off",
}
"""What the portal itself refuses, by the status that it has for it."""


def problem(code: str, detail: str = "", faults: Sequence[dict[str, str]] = ()) -> Response:
    """The answer. `faults` name the members of the body that are wrong, never what they say."""
    kind = PROBLEMS[code]
    says: dict[str, Any] = {
        "type": f"{web_state().settings.public_url}{DOCUMENT}#{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.title,
        "code": code,
    }
    if faults:
        says["errors"] = list(faults)
    answer = jsonify(says)
    answer.status_code = kind.status
    answer.mimetype = "application/problem+json"
    if kind.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if code == "wrong_token" else "Bearer"
    return answer


def refuse(status: int, sentence: str) -> Response:
    """What the portal refuses there by itself: see `portal.web.programs`."""
    code = BY_STATUS.get(status) or ("fault" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "not_found")
    return problem(code, sentence)
