"""Read the outbox."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from portal.db.session import session
from portal.errors import NotFound
from portal.notify.models import OutboundMessage
from portal.web.languages import gettext as _


class Message(NamedTuple):
    """One message of the outbox. `body` is empty once it is sent."""

    id: uuid.UUID
    channel: str
    to_address: str
    language: str
    subject: str
    body: str
    state: str
    created_at: datetime
    receipt: str | None
    receipt_at: datetime | None


COLUMNS = [getattr(OutboundMessage, name) for name in Message._fields]
NEWEST = (
    select(*COLUMNS).order_by(OutboundMessage.created_at.desc(), OutboundMessage.id.desc()).limit(bindparam("how_many"))
)
ONE = select(*COLUMNS).where(OutboundMessage.id == bindparam("message_id"))
THEIRS = (
    select(*COLUMNS)
    .where(OutboundMessage.account_id == bindparam("account_id"))
    .order_by(OutboundMessage.created_at, OutboundMessage.id)
)


def newest_messages(how_many: int = 50) -> Sequence[Message]:
    """The newest messages, newest first."""
    return [Message(*row) for row in session().execute(NEWEST, {"how_many": how_many})]


def get_message(message_id: uuid.UUID) -> Message:
    """One message. Raises NotFound."""
    row = session().execute(ONE, {"message_id": message_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such message."))
    return Message(*row)


def everything_about(account_id: uuid.UUID) -> list[dict[str, Any]]:
    """The messages to one resident, oldest first, for the download of their data."""
    return [
        {
            "channel": message.channel,
            "to": message.to_address,
            "subject": message.subject,
            "language": message.language,
            "state": message.state,
            "written_at": message.created_at.isoformat(),
            "receipt": message.receipt,
            "receipt_at": message.receipt_at.isoformat() if message.receipt_at else None,
        }
        for message in (Message(*row) for row in session().execute(THEIRS, {"account_id": account_id}))
    ]
