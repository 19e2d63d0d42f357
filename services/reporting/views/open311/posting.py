"""What programs with a key send: reports."""

from typing import IO, Final

from flask import Response, request

from portal.kit import commits, public, takes_files
from services.reporting.operations.api_keys import admit, note_use
from services.reporting.operations.taking import take_request
from services.reporting.rules.open311 import describing
from services.reporting.rules.open311.asking import Arguments
from services.reporting.rules.open311.media import MOST_PHOTOS
from services.reporting.rules.open311.writing import Format
from services.reporting.views.open311.blueprint import FORM, answer, bp

IDEMPOTENCY: Final = "Idempotency-Key"


@bp.post(f"/requests.{FORM}")
@public
@takes_files(MOST_PHOTOS)
@commits
def post_request(form: Format) -> Response:
    """Take in a report, with photos as files or as addresses.

    With `Idempotency-Key` it is taken once however often it is sent.
    """
    given = posted()
    caller = admit(key_of(given), scopes=("report",), address=request.remote_addr or "")
    taken = take_request(caller, given, files=files(), idempotency_key=request.headers.get(IDEMPOTENCY, "").strip())
    note_use(caller)
    return answer(describing.taken(taken.reference, taken.notice), form)


def posted() -> Arguments:
    """What was sent, in the form or in the address: clients differ."""
    return request.values.to_dict(flat=False)


def files() -> list[IO[bytes]]:
    """The photos among what was sent, by whatever name: `media`, `media[]`, `photo1`."""
    return [each.stream for _name, each in request.files.items(multi=True) if each.filename]


def key_of(given: Arguments) -> str:
    """The key: among the fields, as the standard has it, or in a header of its own."""
    return next((each.strip() for each in given.get("api_key", ())), "") or request.headers.get("X-Api-Key", "").strip()
