"""mySociety's extension: what was said and done about reports since, and what others say."""

from flask import Response, request

from portal.kit import clock, commits, public, takes_files
from services.reporting.operations.api_keys import admit, find_caller, note_use
from services.reporting.operations.taking_updates import take_update
from services.reporting.queries.open311_updates import updates_between
from services.reporting.rules.open311.asking import read_updates_question
from services.reporting.rules.open311.faults import FORBIDDEN, wrong
from services.reporting.rules.open311.media import MOST_PHOTOS
from services.reporting.rules.open311.writing import Answer, Format
from services.reporting.views.open311.blueprint import FORM, answer, as_printed, bp, photo_address
from services.reporting.views.open311.posting import files, key_of, posted

ROOT = "service_request_updates"


@bp.get(f"/servicerequestupdates.{FORM}")
@public
def updates(form: Format) -> Response:
    """What was said between two moments. A key is not needed; with one, of its own private reports too."""
    given = request.args.to_dict(flat=False)
    asked = as_printed(read_updates_question(given, clock.now()))
    key = key_of(given)
    caller = find_caller(key, address=request.remote_addr or "")
    if key and caller is None:
        raise wrong("api_key is not one that we know", FORBIDDEN)  # else its own private reports would fall silent
    found = updates_between(asked, caller.id if caller else None, photo_address)
    return answer(Answer(ROOT, list(found)), form)


@bp.post(f"/servicerequestupdates.{FORM}")
@public
@takes_files(MOST_PHOTOS)
@commits
def post_update(form: Format) -> Response:
    """Take in an update, once."""
    given = posted()
    caller = admit(key_of(given), scopes=("update", "status"), address=request.remote_addr or "")
    update_id = take_update(caller, given, files())
    note_use(caller)
    return answer(Answer(ROOT, [{"update_id": str(update_id)}]), form)
