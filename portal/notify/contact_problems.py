"""Addresses by which a person cannot be reached, for the page after their next sign-in."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

from flask import Flask, current_app
from sqlalchemy import and_, bindparam, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal.db.session import session
from portal.notify.addresses import find_address
from portal.notify.models import ContactProblem, OutboundMessage
from portal.notify.numbers import find_mobile

WRITERS: Final = "moothall.notify.writers"


class Problem(NamedTuple):
    """By this channel nothing arrives at the address with this digest (`digest`)."""

    channel: str
    address_hash: str
    state: str
    since_at: datetime


THEIRS = (
    select(ContactProblem.channel, ContactProblem.address_hash, ContactProblem.state, ContactProblem.since_at)
    .where(ContactProblem.account_id == bindparam("account_id"))
    .order_by(ContactProblem.channel)
)
SAID_SINCE = select(
    exists().where(
        OutboundMessage.account_id == bindparam("account_id"),
        OutboundMessage.channel == bindparam("channel"),
        OutboundMessage.to_address == bindparam("to_address"),
        OutboundMessage.receipt == bindparam("receipt"),
        OutboundMessage.receipt_at > bindparam("moment"),
    )
)
"""Whether a later message to the same address met another fate: words of it come in any order."""


def digest(address: str) -> str:
    """What is kept of an address: the same for each way of writing it."""
    plain = find_address(address) or find_mobile(address) or address
    return sha256(plain.casefold().encode("utf-8", "replace")).hexdigest()


def problems_of(account_id: uuid.UUID, *, email: str | None, phone: str | None) -> Sequence[Problem]:
    """The problems with the addresses that a person has now. One with a former address is over."""
    now = {"email": digest(email) if email else None, "sms": digest(phone) if phone else None}
    found = (Problem(*row) for row in session().execute(THEIRS, {"account_id": account_id}))
    return [each for each in found if now[each.channel] == each.address_hash]


def note_failure(message: OutboundMessage, moment: datetime) -> None:
    """Nobody was at the message's address at that moment. Nothing is noted when a later message arrived there."""
    if tell_writer(message) or message.account_id is None:
        return
    if _said_since(message, "delivered", moment):
        return
    made = insert(ContactProblem).values(
        account_id=message.account_id,
        channel=message.channel,
        address_hash=digest(message.to_address),
        state="permanent-failure",
        since_at=moment,
    )
    another = ContactProblem.address_hash != made.excluded.address_hash
    session().execute(
        made.on_conflict_do_update(
            index_elements=[ContactProblem.account_id, ContactProblem.channel],
            set_={"address_hash": made.excluded.address_hash, "since_at": made.excluded.since_at},
            # Of one address the first failure counts; of two addresses the later one, which is the one in use.
            where=or_(
                and_(another, ContactProblem.since_at < made.excluded.since_at),
                and_(~another, ContactProblem.since_at > made.excluded.since_at),
            ),
        )
    )


def note_arrival(message: OutboundMessage, moment: datetime) -> None:
    """The message has arrived, so that its address is in order from that moment on."""
    if message.account_id is None or _said_since(message, "permanent-failure", moment):
        return
    session().execute(
        delete(ContactProblem).where(
            ContactProblem.account_id == message.account_id,
            ContactProblem.channel == message.channel,
            ContactProblem.address_hash == digest(message.to_address),
            ContactProblem.since_at < moment,
        )
    )


def when_it_comes_back(app: Flask, template: str, tell: Callable[[uuid.UUID, str], None]) -> None:
    """Have letters of that template, which go to no resident, told of by id and address when they come back."""
    app.extensions.setdefault(WRITERS, {})[template] = tell


def tell_writer(message: OutboundMessage) -> bool:
    """Tell whoever asked to hear of letters of this kind that nobody will read this one. False where nobody did."""
    writers: dict[str, Callable[[uuid.UUID, str], None]] = current_app.extensions.get(WRITERS, {})
    tell = writers.get(message.template)
    if tell is not None:
        tell(message.id, message.to_address)
    return tell is not None


def clear(account_id: uuid.UUID, channel: str) -> None:
    """Somebody has shown that messages arrive after all: they followed a link from one."""
    session().execute(
        delete(ContactProblem).where(ContactProblem.account_id == account_id, ContactProblem.channel == channel)
    )


def _said_since(message: OutboundMessage, receipt: str, moment: datetime) -> bool:
    values = {"account_id": message.account_id, "channel": message.channel, "to_address": message.to_address}
    return bool(session().scalar(SAID_SINCE, values | {"receipt": receipt, "moment": moment}))


def everything_about(account_id: uuid.UUID) -> list[dict[str, Any]]:
    """For the download of somebody's data."""
    return [
        {"channel": each.channel, "state": each.state, "since_at": each.since_at.isoformat()}
        for each in (Problem(*row) for row in session().execute(THEIRS, {"account_id": account_id}))
    ]


def forget(account_id: uuid.UUID) -> None:
    """Delete what is known of a person's addresses."""
    session().execute(delete(ContactProblem).where(ContactProblem.account_id == account_id))
