"""What became of messages after GOV.UK Notify took them: told by its receipts, or asked for when none came."""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import bindparam, or_, select

from portal import clock
from portal.db.session import session
from portal.jobs.queue import job
from portal.notify import contact_problems, govuk, post
from portal.notify.delivery import close
from portal.notify.models import OutboundMessage
from portal.notify.outcomes import Undelivered

log = logging.getLogger(__name__)

Result = Literal["noted", "known", "unknown"]

RANKS: Final = {"temporary-failure": 1, "technical-failure": 2, "permanent-failure": 3, "delivered": 4}
"""The fates of a message in Notify's words; of two at one moment the higher counts."""

ASKED_AFTER: Final = timedelta(minutes=30)
ASKED_EVERY: Final = timedelta(hours=6)
ASKED_FOR: Final = timedelta(days=4)
"""Notify tries an address for three days, and forgets a message after seven."""
ASKED_AT_ONCE: Final = 100

_ONE = (
    select(OutboundMessage)
    .where(OutboundMessage.id == bindparam("message_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_UNANSWERED = (
    select(OutboundMessage.id)
    .where(
        OutboundMessage.provider_id.is_not(None),
        OutboundMessage.receipt.is_(None),
        OutboundMessage.channel != "letter",  # nobody tells when a letter is delivered
        OutboundMessage.sent_at.between(bindparam("first"), bindparam("last")),
        or_(OutboundMessage.asked_at.is_(None), OutboundMessage.asked_at < bindparam("lately")),
    )
    .order_by(OutboundMessage.sent_at)
    .limit(ASKED_AT_ONCE)
)


def take(message_id: uuid.UUID, *, provider_id: uuid.UUID, status: str, moment: datetime | None) -> Result:
    """Note what became of a message. The same word any number of times, in any order, leads to the same end.

    The later of two fates counts, by Notify's own time, whichever comes first; `moment` None is before any other.
    A word of a message that waits here, or was given up, proves that Notify has it: then it is not sent again.
    """
    message = session().scalars(_ONE, {"message_id": message_id}).one_or_none()
    if message is None:
        return "unknown"
    if message.state in ("waiting", "failed"):
        close(message, "sent")
        message.sent_at, message.error_code = clock.now(), None
    if message.provider_id is None:
        message.provider_id = provider_id
    elif message.provider_id != provider_id:
        log.warning("message %s is at Notify twice: %s and %s", message.id, message.provider_id, provider_id)
    if status not in RANKS:  # on its way yet, or a word that is newer than we are
        return "known"
    moment = min(moment or message.created_at, clock.now())
    if (
        message.receipt
        and message.receipt_at
        and (message.receipt_at, RANKS[message.receipt]) >= (moment, RANKS[status])
    ):
        return "known"
    message.receipt, message.receipt_at = status, moment
    session().flush()  # what other messages to this address met is asked of the table
    if status == "permanent-failure":
        contact_problems.note_failure(message, moment)
    elif status == "delivered":
        contact_problems.note_arrival(message, moment)
    return "noted"


@job("notify.ask", attempts=1, cron="*/10 * * * *")
def ask() -> None:
    """Every ten minutes: ask Notify about messages whose receipt should have come, each four times a day."""
    if post.settings().notify.api_key is None:
        return
    now = clock.now()
    due = {"first": now - ASKED_FOR, "last": now - ASKED_AFTER, "lately": now - ASKED_EVERY}
    message_ids = session().scalars(_UNANSWERED, due).all()
    session().commit()
    for message_id in message_ids:
        try:
            known = govuk.find(post.settings(), str(message_id))
        except Undelivered as problem:
            log.warning("Notify does not say what became of messages: %s", problem.code)
            return
        if known is not None:
            take(message_id, provider_id=known.id, status=known.status, moment=known.ended_at)
        message = session().get(OutboundMessage, message_id)
        if message is not None:
            message.asked_at = clock.now()
        session().commit()
