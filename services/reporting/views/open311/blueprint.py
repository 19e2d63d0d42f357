"""Where programs call by Open311, GeoReport v2: what each answer there has in common.

The format asked for is the end of the address, and refusals keep to it too. XML where none is named: the standard
demands that of every server.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from flask import Response, request, url_for

from portal.kit import read_reference, service_blueprint, settings_of
from services.reporting.rules.open311.asking import Asked
from services.reporting.rules.open311.faults import BAD_REQUEST, NOT_FOUND, Wrong, wrong
from services.reporting.rules.open311.writing import MIMETYPES, Answer, Format, errors
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.open311.bodies import check_body, how_large

PATH: Final = "/open311/v2"
FORM: Final = "<any(xml, json):form>"
"""The end of every address."""

bp = service_blueprint(__name__, "open311")


def answer(content: Answer | bytes, form: Format, status: int = 200) -> Response:
    """An answer. Pages of any site may read it: what is here is for everybody, and nobody is signed in."""
    written = content if isinstance(content, bytes) else content.written(form)
    response = Response(written, status, content_type=MIMETYPES[form])
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def photo_address(reference: str, position: int) -> str:
    """Where everybody can see a photo."""
    return url_for("reporting.public_photo", reference=reference, position=position, _external=True)


def as_printed(asked: Asked) -> Asked:
    """The ids as they are printed, however they were typed. What is no id of ours is nobody's."""
    return replace(asked, references=tuple(read_reference(each) or "" for each in asked.references))


def refuse(status: int, sentence: str) -> Response:
    """What is answered instead, for everything that can go wrong there."""
    form: Format = "json" if request.path.endswith(".json") else "xml"
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        sentence = how_large()
    return answer(errors(status, [sentence or HTTPStatus(status).phrase]), form, status)


@bp.after_request
def let_pages_of_others(response: Response) -> Response:
    """Programs that run in a page of another site may send what the API takes, and read all that it answers."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key, If-None-Match, X-Api-Key"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


@bp.errorhandler(Wrong)
def refuse_whole(error: Wrong) -> Response:
    """Everything that is wrong with a request."""
    form: Format = "json" if request.path.endswith(".json") else "xml"
    return answer(errors(error.status, error.sentences), form, error.status)


bp.before_request(check_body)


@bp.before_request
def check_jurisdiction() -> None:
    """Raise Wrong for a jurisdiction that is not ours, or for none where one must be named."""
    if request.method == "OPTIONS":
        return
    ours = settings_of(ReportingSettings).open311
    given = request.args if request.method == "GET" else request.values
    asked = given.get("jurisdiction_id", "").strip()
    if asked and asked not in ours.jurisdictions:
        raise wrong("jurisdiction_id provided was not found", NOT_FOUND)
    if not asked and ours.jurisdiction_required:
        raise wrong("jurisdiction_id was not provided", BAD_REQUEST)
