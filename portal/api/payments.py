"""Where GOV.UK Pay tells us that something happened to a payment.

A program calls it: no browser, no cookie, no form token; the signature over the very bytes is the proof. Pay sends a
message again until the answer is in the 200s, and so it is for what may yet come right: a payment that we do not know
yet. Nothing that a message says of money is believed; it makes us ask.
"""

import logging
from typing import Annotated, Any, Final

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from portal.db.session import commit, commits
from portal.errors import TooMany
from portal.payments import events
from portal.web import csrf, limits
from portal.web.access import public

log = logging.getLogger(__name__)
bp = Blueprint("payment_events", __name__)

MOST_BYTES: Final = 64 * 1024
MOST_REFUSED: Final = 60
"""Wrong signatures from one address in ten minutes before it is no longer listened to. Right ones are not counted."""
WITHIN_SECONDS: Final = 600
Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[!-~]+$")]
"""No control character, which PostgreSQL or a log could not hold, and no blank."""


Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,40}$")]
"""What Pay's ids look like. Nothing else of a stranger's words goes into the log."""


class Resource(BaseModel):
    """What we use of the payment that a message is about."""

    reference: Annotated[str, StringConstraints(max_length=255)] = ""
    amount: Annotated[int, Field(ge=0, le=10**12)] | None = None


class Message(BaseModel):
    """What we use of a message. Pay's documentation lists more; a field that is new one day does no harm."""

    webhook_message_id: Name
    resource_id: Name
    event_type: Name
    resource: Resource = Resource()


class Claim(BaseModel):
    """What a message that nobody signed says that it is, so that somebody who looks for it finds it."""

    webhook_message_id: Id = "none"
    resource_id: Id = "none"


@bp.post("/payments/events")
@public
@csrf.exempt
@commits
def take_event() -> Response:
    """Take one message. 200 when its payment is asked about; 400 for what is no message, 401 for a wrong signature,
    404 for a payment that is not ours, 409 for one that has another amount with us."""
    request.max_content_length = MOST_BYTES
    if request.mimetype != "application/json":
        return _answer(400, error="a JSON body is needed")
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _answer(413, error="too large")
    if not events.is_signed(body, request.headers.get("Pay-Signature", "")):
        return _unsigned(body)
    try:
        message = Message.model_validate_json(body)
    except ValidationError as error:
        return _answer(400, error="not a message of the gateway", fields=_fields(error))
    result = events.take(
        events.Word(
            message_id=message.webhook_message_id,
            event_type=message.event_type,
            gateway_id=message.resource_id,
            reference=message.resource.reference.replace("\0", ""),
            amount=message.resource.amount,
        )
    )
    return _said(result)


def _said(result: events.Result) -> Response:
    if result == "asked":
        return _answer(200, result=result)
    commit()  # what is refused is kept all the same; `commits` keeps nothing where the answer is a no
    if result == "unknown":
        return _answer(404, error="no such payment here")
    return _answer(409, error="the payment has another amount here; the gateway is asked which is right")


def _unsigned(body: bytes) -> Response:
    try:
        limits.hit(f"payment events refused from {request.remote_addr}", limit=MOST_REFUSED, seconds=WITHIN_SECONDS)
    except TooMany as stop:
        answer = _answer(429, error="too many wrong signatures")
        answer.headers["Retry-After"] = str(stop.retry_after)
        return answer
    log.warning(
        "a payment event without the right signature was refused: it claims to be %s about payment %s", *_claimed(body)
    )
    return _answer(401, error="the signature is not right")


def _claimed(body: bytes) -> tuple[str, str]:
    """The ids of a message and of its payment, as a message that may be anybody's has them."""
    try:
        claim = Claim.model_validate_json(body)
    except ValidationError:
        claim = Claim()
    return claim.webhook_message_id, claim.resource_id


def _fields(error: ValidationError) -> list[str]:
    """Which fields are wrong. Never their values: they may be somebody's name."""
    return sorted({".".join(map(str, fault["loc"])) for fault in error.errors() if fault["loc"]})


def _answer(status: int, **says: Any) -> Response:
    answer = jsonify(says)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
