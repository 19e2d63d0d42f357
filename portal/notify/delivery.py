"""The job that takes a message from the outbox to the mail server."""

import logging
import uuid
from datetime import timedelta

from sqlalchemy import select

from portal import clock
from portal.db.session import session
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.notify import post
from portal.notify.models import OutboundMessage
from portal.notify.smtp import Letter, Undelivered, hand_over

log = logging.getLogger(__name__)

ATTEMPTS = 12  # with doubling waits, a mail server may be away for two hours

KEPT = timedelta(days=30)


@job("notify.deliver", attempts=ATTEMPTS)
def deliver(*, id: str) -> None:
    """Send one message. Runs twice without sending twice: the row is locked, and its state looked at, before.

    The row stays locked while the server is spoken to, because a state "sending" that survives a crash could not be
    told from one that is under way. A second run meanwhile skips the row.
    """
    message = (
        session()
        .scalars(
            select(OutboundMessage)
            .where(OutboundMessage.id == uuid.UUID(id), OutboundMessage.state == "waiting")
            .with_for_update(skip_locked=True)
        )
        .one_or_none()
    )
    if message is None:
        return
    message.attempts += 1
    try:
        hand_over(post.settings().mail, letter_of(message))
    except Undelivered as problem:
        message.error_code = problem.code
        if problem.for_good or message.attempts >= ATTEMPTS:
            log.error("message %s is not delivered, for good: %s", message.id, problem.code)
            _close(message, "failed")
            return
        log.warning("message %s is not delivered yet: %s", message.id, problem.code)
        session().commit()  # raising undoes the transaction, and the count of attempts must stay
        raise
    message.sent_at = clock.now()
    message.error_code = None
    _close(message, "sent")


@job("notify.tidy", cron="23 3 * * *")
def tidy() -> None:
    """Each night: forget messages of a month ago, whatever became of them. Those of the demo still have their text."""
    delete_in_portions(OutboundMessage, OutboundMessage.created_at < clock.now() - KEPT)


def letter_of(message: OutboundMessage) -> Letter:
    """The message as it goes on the wire."""
    return Letter(
        message_id=str(message.id),
        sender_name=post.council_name(message.language),
        to_address=message.to_address,
        language=message.language,
        subject=message.subject,
        body=message.body,
        written_at=message.created_at,
    )


def _close(message: OutboundMessage, state: str) -> None:
    message.state = state
    message.body = ""  # it may hold a one-time link, and nobody needs it any more
