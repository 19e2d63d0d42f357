"""Where GOV.UK Notify tells us what became of a message.

A program calls it: no browser, no cookie, no form token. The bearer token that the council agreed with Notify is the
proof. Notify sends a receipt again every five minutes, five times, unless the answer is in the 200s; so what we cannot
use and never will is answered 200 too, and only what may yet be mended is not.
"""

import hmac
import logging
import uuid
from typing import Annotated, Any, Final

from flask import Blueprint, Response, jsonify, request
from pydantic import AfterValidator, AwareDatetime, BaseModel, StringConstraints, ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from portal.db.session import commits, session
from portal.errors import TooMany
from portal.notify import receipts
from portal.web import csrf, limits
from portal.web.access import public
from portal.web.state import web_state

log = logging.getLogger(__name__)
bp = Blueprint("api", __name__, url_prefix="/api")

MOST_BYTES: Final = 16 * 1024
MOST_REFUSED: Final = 60
"""Wrong tokens from one address in ten minutes before it is no longer listened to. Right ones are not counted."""
WITHIN_SECONDS: Final = 600


def _possible(moment: AwareDatetime) -> AwareDatetime:
    """Raises ValueError for a year that the database could not keep in UTC."""
    if not 2000 <= moment.year < 9000:
        raise ValueError("out of range")
    return moment


Time = Annotated[AwareDatetime, AfterValidator(_possible)]


class Receipt(BaseModel):
    """What we use of a receipt. Notify's documentation lists more; a field that is new one day does no harm."""

    id: uuid.UUID
    reference: Annotated[str, StringConstraints(max_length=1000)] | None
    status: Annotated[str, StringConstraints(max_length=100)]
    completed_at: Time | None = None
    sent_at: Time | None = None


@bp.post("/notify/receipts")
@public
@csrf.exempt
@commits
def notify_receipts() -> Response:
    """Take one receipt. 200 with what it was to us; 400 for what is no receipt, 401 or 403 without the token."""
    request.max_content_length = MOST_BYTES
    if request.mimetype != "application/json":
        return _answer(400, error="a JSON body is needed")
    if (refusal := _refusal()) is not None:
        return refusal
    try:
        receipt = Receipt.model_validate_json(request.get_data(cache=False))
    except RequestEntityTooLarge:
        return _answer(413, error="too large")
    except ValidationError as error:
        return _answer(400, error="not a delivery receipt", fields=_fields(error))
    return _noted(receipt)


def _noted(receipt: Receipt) -> Response:
    try:
        message_id = uuid.UUID(receipt.reference or "")
    except ValueError:  # sent by hand from Notify's own pages, or by another program of the council
        return _answer(200, result="unknown")
    moment = receipt.completed_at or receipt.sent_at
    try:
        result = receipts.take(message_id, provider_id=receipt.id, status=receipt.status, moment=moment)
        session().flush()
    except OperationalError as error:  # the message is being sent at this very moment
        session().rollback()
        if getattr(error.orig, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        answer = _answer(503, error="busy with this message, come again")
        answer.headers["Retry-After"] = "60"
        return answer
    return _answer(200, result=result)


def _refusal() -> Response | None:
    """The answer for whoever does not bring the token; None for who does."""
    ours = web_state().settings.notify.receipt_token
    sent = request.headers.get("Authorization", "").encode("utf-8", "replace")
    if ours and hmac.compare_digest(sent, f"Bearer {ours.get_secret_value()}".encode()):
        return None
    try:
        limits.hit(f"receipts refused from {request.remote_addr}", limit=MOST_REFUSED, seconds=WITHIN_SECONDS)
    except TooMany as stop:
        answer = _answer(429, error="too many wrong tokens")
        answer.headers["Retry-After"] = str(stop.retry_after)
        return answer
    log.warning("A delivery receipt without the right token was refused")
    if sent:
        return _answer(403, error="not the token that we know" if ours else "no token is set here")
    answer = _answer(401, error="a bearer token is needed")
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _fields(error: ValidationError) -> list[str]:
    """Which fields are wrong. Never their values: they are somebody's address."""
    return sorted({".".join(map(str, fault["loc"])) for fault in error.errors() if fault["loc"]})


def _answer(status: int, **says: Any) -> Response:
    answer = jsonify(says)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
