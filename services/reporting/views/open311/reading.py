"""What everybody may ask without a key: where the API is, what can be reported, which reports there are."""

from typing import Final
from uuid import UUID

from flask import Response, current_app, request, url_for

from portal.kit import clock, council, current_language, public, read_reference, settings_of, snapshot
from services.reporting.queries.open311 import Known, Listed, find_reference, written_requests
from services.reporting.rules.categories import find_category, is_taken, offered_by_group
from services.reporting.rules.open311 import describing
from services.reporting.rules.open311.asking import Asked, read_question
from services.reporting.rules.open311.faults import NOT_FOUND, wrong
from services.reporting.rules.open311.writing import Format
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.open311.blueprint import FORM, answer, as_printed, bp, photo_address

KNOWN: Final = "moothall.reporting.open311"


@bp.get(f"/discovery.{FORM}")
@public
def discovery(form: Format) -> Response:
    """Where the API is, in which formats, and how to get a key."""
    here = url_for(".discovery", form=form, _external=True).rpartition("/")[0]
    face = council()
    ours = settings_of(ReportingSettings).open311
    keys_from = ours.keys_from or f"Write to {face.email}"
    contact = f"{face.name}, {face.email}"
    return answer(describing.discovery(here, contact=contact, keys_from=keys_from, is_test=ours.is_test), form)


@bp.get(f"/services.{FORM}")
@public
def services(form: Format) -> Response:
    """What can be reported at the moment."""
    return answer(describing.services(offered_by_group()), form)


@bp.get(f"/services/<service_code>.{FORM}")
@public
def definition(service_code: str, form: Format) -> Response:
    """The questions of one kind of problem; none is an answer too."""
    category = find_category(service_code)
    if category is None or not is_taken(category):
        raise wrong("service_code was not found", NOT_FOUND)
    return answer(describing.definition(category), form)


@bp.get(f"/requests.{FORM}")
@public
def requests(form: Format) -> Response:
    """The public reports asked for, newest first."""
    asked = read_question(request.args.to_dict(flat=False), clock.now())
    return _listed(_written(as_printed(asked), form), form)


@bp.get(f"/requests/<request_id>.{FORM}")
@public
def one_request(request_id: str, form: Format) -> Response:
    """One report, as a list of one. A private one looks like none."""
    reference = read_reference(request_id)
    found = _written(Asked(references=(reference,)), form) if reference else None
    if found is None or found.is_empty:
        raise wrong("service_request_id was not found", NOT_FOUND)
    return _listed(found, form)


@bp.get(f"/tokens/<token>.{FORM}")
@public
def token(token: str, form: Format) -> Response:
    """The id of the report that a token was given for."""
    try:
        reference = find_reference(UUID(token))
    except ValueError:
        reference = None
    if reference is None:
        raise wrong("token was not found", NOT_FOUND)
    return answer(describing.behind_token(token, reference), form)


def _listed(found: Listed, form: Format) -> Response:
    """An answer that is known again: who has it already is told so, and sent nothing."""
    etag = f"{found.digest}-{form}-{current_language()}"
    is_known = request.if_none_match.contains_weak(etag)  # a proxy that compresses weakens it
    response = answer(b"", form, 304) if is_known else answer(found.written, form)
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _written(asked: Asked, form: Format) -> Listed:
    known = current_app.extensions.get(KNOWN)
    if known is None:
        known = current_app.extensions.setdefault(KNOWN, Known())
    return written_requests(asked, form, known, photo_address, snapshot())
