"""Words of the gateway that something happened: hints to ask what, whoever sends them and in whatever order.

GOV.UK Pay signs them, sends each at least once and in any order, and takes 2xx for an answer
(docs.payments.service.gov.uk/webhooks). What they say of money is not believed: the gateway is asked.
"""

import hmac
import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.db.session import session
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.payments import asking_again
from portal.payments.models import PaymentEventRow, PaymentRow, RefundRow
from portal.web.state import web_state

log = logging.getLogger(__name__)

Result = Literal["asked", "unknown", "other_amount"]
KEPT: Final = timedelta(days=90)

_WHICH = (
    select(PaymentRow.id, PaymentRow.amount)
    .where(
        or_(
            PaymentRow.gateway_id == bindparam("gateway_id"),
            # Told before we were: the answer to our own request was lost, or is still on its way.
            PaymentRow.gateway_id.is_(None) & (PaymentRow.reference == bindparam("reference")),
        )
    )
    # Ours of another amount lost its id there to the payment that was taken in beside it, and has the reference still.
    .order_by((PaymentRow.gateway_id == bindparam("gateway_id")).desc().nulls_last())
    .limit(1)
)
_KEEP = insert(PaymentEventRow)
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["message_id"],
    set_={"result": _KEEP.excluded.result, "payment_id": _KEEP.excluded.payment_id},
)
_REFUNDS_DUE = (
    update(RefundRow)
    .where(RefundRow.payment_id == bindparam("payment"), RefundRow.state == "submitted")
    .values(ask_at=bindparam("now"))
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class Word:
    """What we use of one message. `amount` in pence, None where it says none."""

    message_id: str
    event_type: str
    gateway_id: str
    reference: str
    amount: int | None


def is_signed(body: bytes, signature: str) -> bool:
    """Whether the gateway sent just these bytes: lower-case hex of HMAC-SHA256 under the secret that Pay shows."""
    secret = web_state().settings.pay.webhook_secret
    if secret is None:
        return False
    ours = hmac.new(secret.get_secret_value().encode(), body, sha256).hexdigest()
    return hmac.compare_digest(ours.encode(), signature.encode("utf-8", "replace"))


def take(word: Word) -> Result:
    """Note one message, and ask about its payment once this is committed. The same any number of times is one.

    `unknown` when we have no such payment; `other_amount` when it names another amount than ours, and then the gateway
    is asked all the same: nothing is lost by a message that is wrong.
    """
    asked = {"gateway_id": word.gateway_id, "reference": word.reference}
    found = session().execute(_WHICH, asked).one_or_none()
    result: Result = "unknown" if found is None else "asked"
    if found is not None and word.amount is not None and word.amount != found.amount:
        result = "other_amount"
    session().execute(
        _KEEP,
        {
            "message_id": word.message_id,
            "event_type": word.event_type,
            "gateway_id": word.gateway_id,
            "payment_id": found.id if found else None,
            "result": result,
            "received_at": clock.now(),
        },
    )
    if found is None:
        log.warning("event %s is about payment %s, which is not ours", word.message_id, word.gateway_id)
        return result
    if result == "other_amount":
        log.warning("event %s names another amount for payment %s than we asked for", word.message_id, found.id)
    _ask_about(found.id)
    return result


def _ask_about(payment_id: uuid.UUID) -> None:
    session().execute(_REFUNDS_DUE, {"payment": payment_id, "now": clock.now()})
    asking_again.ask.defer(id=str(payment_id))


@job("payments.tidy_events", cron="37 3 * * *")
def tidy() -> None:
    """Each night: forget words of the gateway that are three months old."""
    delete_in_portions(PaymentEventRow, PaymentEventRow.received_at < clock.now() - KEPT)
