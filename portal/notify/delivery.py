"""The jobs that take messages from the outbox to the server: each once, and until it is taken.

A message has a job of its own, which tries once. What it could not send waits for the sweep, which comes each minute
and goes through what waits by age, one after another: a server that is back after a day meets no herd, and a server
that is away is asked twice a minute however much waits. When the server has taken letters for as long as a sweep
lasts and more wait, the next of them get jobs again, so that all workers share a day's letters.
"""

import logging
import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from sqlalchemy import bindparam, func, or_, select, update

from portal import clock
from portal.db.session import session
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.notify import contact_problems, post
from portal.notify.models import ContactProblem, OutboundMessage
from portal.notify.outcomes import Letter, Undelivered
from portal.notify.ways import hand_over

log = logging.getLogger(__name__)

TRIED_FOR: Final = timedelta(days=3)
"""A server may be down for a day and a weekend."""
TRIED_AT_LEAST: Final = 12
"""So many times all the same: it may have been our worker that was away."""
JOB_COMES_FIRST: Final = timedelta(minutes=10)
"""How long the sweep leaves a new message to its own job."""
UNDER_WAY: Final = timedelta(minutes=5)
"""After which a try whose worker said nothing more is taken for dead: longer than any call may last."""
SWEEP: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
SWEEP_SECONDS: Final = 25.0
SHARED_OUT: Final = 1500
"""How many a sweep leaves to the other workers: with its own, less than the 3,000 a minute that Notify takes."""
STUCK_BEFORE: Final = 2
STUCK_AFTER: Final = 5
"""So many that fail end a sweep: before one has been taken, and after it."""
KEPT: Final = timedelta(days=30)
"""How long a message is remembered, and an address at which nobody was: after that it is tried once more."""
CHANNELS: Final = ("email", "sms", "letter")


class Outcome(Enum):
    """What became of one try."""

    TAKEN = "taken"
    REFUSED = "refused"
    """For good or for now, but it was this message that the server refused."""
    LINE_DOWN = "line_down"
    NOT_OURS = "not_ours"
    """Another worker has it, or had it."""


_WAITING = select(OutboundMessage).where(
    OutboundMessage.id == bindparam("message_id"), OutboundMessage.state == "waiting"
)
_OURS = _WAITING.with_for_update(skip_locked=True).execution_options(populate_existing=True)
_DUE = select(OutboundMessage.id).where(
    OutboundMessage.state == "waiting",
    OutboundMessage.channel == bindparam("channel"),
    OutboundMessage.retry_at <= bindparam("began"),
    or_(OutboundMessage.tried_at.is_(None), OutboundMessage.tried_at < bindparam("began")),
)
_OLDEST = _DUE.order_by(OutboundMessage.created_at, OutboundMessage.id).limit(1)
_NEWEST = _DUE.order_by(OutboundMessage.created_at.desc(), OutboundMessage.id.desc()).limit(1)
_SHARED = _DUE.order_by(OutboundMessage.created_at, OutboundMessage.id).limit(SHARED_OUT)
_LINE_IS_UP = (
    update(OutboundMessage)
    .where(
        OutboundMessage.state == "waiting",
        OutboundMessage.channel == bindparam("of"),
        OutboundMessage.line_down,
        OutboundMessage.tried_at < bindparam("began"),
    )
    .values(line_down=False)
)
_LEFT_TO_A_JOB = (
    update(OutboundMessage)
    .where(OutboundMessage.id.in_(bindparam("ids", expanding=True)))
    .values(retry_at=bindparam("until"))
)
_STUCK = select(func.count()).select_from(
    select(OutboundMessage.id)
    .where(
        OutboundMessage.state == "waiting",
        OutboundMessage.channel == bindparam("channel"),
        OutboundMessage.line_down,
        OutboundMessage.tried_at > bindparam("lately"),
    )
    .limit(STUCK_BEFORE)
    .subquery()
)


@job("notify.deliver", attempts=3)
def deliver(*, id: str) -> None:
    """Try to send one message. Runs twice without sending twice. While its server is away, the sweep has it."""
    message = session().scalars(_WAITING, {"message_id": uuid.UUID(id)}).one_or_none()
    if message is None:
        return
    lately = {"channel": message.channel, "lately": clock.now() - 2 * SWEEP}
    if session().scalars(_STUCK, lately).one() >= STUCK_BEFORE:
        message.retry_at = clock.now()
        return
    attempt(message.id)


@job("notify.again", attempts=1, cron="* * * * *")
def again() -> None:
    """Each minute: go through what waits for another try, oldest first, one after another."""
    for channel in CHANNELS:
        _sweep(channel)


@job("notify.tidy", cron="23 3 * * *")
def tidy() -> None:
    """Each night: forget messages of a month ago, and which addresses did not work then.

    Whatever became of the messages: those that the demo or a failure has kept still have their text.
    """
    delete_in_portions(OutboundMessage, OutboundMessage.created_at < clock.now() - KEPT)
    delete_in_portions(ContactProblem, ContactProblem.since_at < clock.now() - KEPT)


def _sweep(channel: str) -> None:
    """Try what is due. When the oldest fails, the newest is the judge: is it the server, or this message alone?

    Without a judge, two messages that a server chokes on would hold up all others for days.
    """
    began, ends, stuck, is_up = clock.now(), time.monotonic() + SWEEP_SECONDS, list[uuid.UUID](), False
    while len(stuck) < (STUCK_AFTER if is_up else STUCK_BEFORE):
        if time.monotonic() >= ends:
            _share_out(channel, began, is_up=is_up)
            break
        query = _NEWEST if stuck and not is_up else _OLDEST
        message_id = session().scalars(query, {"channel": channel, "began": began}).one_or_none()
        if message_id is None:
            break
        match attempt(message_id):
            case Outcome.LINE_DOWN:
                stuck.append(message_id)
            case Outcome.TAKEN | Outcome.REFUSED:
                is_up = True
            case Outcome.NOT_OURS:
                break
    if is_up and stuck:
        _blame(stuck)
        session().commit()


def _share_out(channel: str, began: datetime, *, is_up: bool) -> None:
    """Time is over and more waits: the workers have it, the oldest first. Whatever failed before proves nothing now."""
    if not is_up:
        return
    session().execute(_LINE_IS_UP, {"of": channel, "began": began})
    shared = session().scalars(_SHARED, {"channel": channel, "began": began}).all()
    session().execute(_LEFT_TO_A_JOB, {"ids": shared, "until": clock.now() + JOB_COMES_FIRST})
    for each in shared:
        deliver.defer(id=str(each))
    session().commit()


def attempt(message_id: uuid.UUID) -> Outcome:
    """Try once to send a message, and commit what became of it.

    That a try begins is committed before the server is spoken to, so that a worker that is killed meanwhile leaves a
    mark: the next one asks Notify first whether it has the message. The row itself stays locked while the server is
    spoken to, because a state "sending" that survives a crash could not be told from one that is under way.
    """
    began = clock.now()
    message = session().scalars(_OURS, {"message_id": message_id}).one_or_none()
    if message is None:
        session().rollback()
        return Outcome.NOT_OURS
    tried_before = message.tried_at is not None
    message.tried_at, message.retry_at = began, began + UNDER_WAY
    session().commit()
    message = session().scalars(_OURS, {"message_id": message_id}).one_or_none()
    if message is None:  # another worker was quicker between the two
        session().rollback()
        return Outcome.NOT_OURS
    outcome = _speak(message, tried_before=tried_before or message.tried_at != began)
    session().commit()
    return outcome


def _speak(message: OutboundMessage, *, tried_before: bool) -> Outcome:
    message.attempts += 1
    try:
        message.provider_id = hand_over(post.settings(), message.channel, letter_of(message), tried_before=tried_before)
    except Undelivered as problem:
        return _note(message, problem)
    close(message, "sent")
    message.sent_at, message.error_code = clock.now(), None
    return Outcome.TAKEN


def _note(message: OutboundMessage, problem: Undelivered) -> Outcome:
    now = clock.now()
    message.error_code, message.line_down = problem.code, problem.line
    is_old = now - message.created_at >= TRIED_FOR and message.attempts >= TRIED_AT_LEAST
    if problem.for_good or is_old:
        log.error("message %s is not delivered, for good: %s", message.id, problem.code)
        close(message, "failed")
        if problem.bounced:
            contact_problems.note_failure(message, now)
        else:
            contact_problems.tell_writer(message)
    else:
        log.warning("message %s is not delivered yet: %s", message.id, problem.code)
        # Whatever waits for the server is tried by age as soon as it is back; the others give way to each other.
        message.retry_at = now + (SWEEP if problem.line else wait_after(message.attempts))
    return Outcome.LINE_DOWN if problem.line else Outcome.REFUSED


def _blame(stuck: Sequence[uuid.UUID]) -> None:
    """The server takes others, so that the fault is with these after all: they wait longer each time."""
    now = clock.now()
    for message in session().scalars(select(OutboundMessage).where(OutboundMessage.id.in_(stuck))):
        message.line_down, message.retry_at = False, now + wait_after(message.attempts)


def wait_after(attempts: int) -> timedelta:
    """How long a message waits that was tried so many times: a minute, then twice as long each time, up to an hour."""
    return min(LONGEST_WAIT, SWEEP * (1 << min(attempts - 1, 10)))


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


def close(message: OutboundMessage, state: str) -> None:
    """There is nothing more to send."""
    message.state = state
    message.body = ""  # it may hold a one-time link, and nobody needs it any more
    if message.channel == "letter":
        message.to_address = ""  # somebody's home, from the council's record: no receipt asks for it
    message.retry_at, message.line_down = None, False
