"""What the demo's outbox shows: the messages that have arrived at GOV.UK Notify's stand-in, asked for over its API.

A demo or a test without Notify sends nothing: there it is what the portal has kept.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from notifications_python_client.errors import APIError
from pydantic import AwareDatetime, BaseModel, ValidationError
from sqlalchemy import bindparam, select

from portal.db.session import release, session
from portal.errors import NotFound, Unavailable
from portal.notify import post, queries
from portal.notify.govuk import look
from portal.notify.models import OutboundMessage
from portal.notify.queries import Message
from portal.web.languages import gettext as _

_OURS = select(OutboundMessage.id, OutboundMessage.language, OutboundMessage.created_at).where(
    OutboundMessage.id.in_(bindparam("message_ids", expanding=True))
)


class _Arrived(BaseModel):
    """A message as Notify shows it."""

    id: uuid.UUID
    reference: str | None
    type: str
    email_address: str | None = None
    phone_number: str | None = None
    line_1: str | None = None
    subject: str | None = None
    body: str
    status: str
    created_at: AwareDatetime
    completed_at: AwareDatetime | None = None


def newest_messages(how_many: int) -> Sequence[Message]:
    """The messages that have arrived last, newest first. Raises Unavailable when Notify does not answer."""
    if post.settings().notify.api_key is None:
        return queries.newest_messages(how_many)
    return _with_ours([_read(each) for each in _asked("/v2/notifications")["notifications"][:how_many]])


def get_message(message_id: uuid.UUID) -> Message:
    """One of them. Raises NotFound, and Unavailable when Notify does not answer."""
    if post.settings().notify.api_key is None:
        return queries.get_message(message_id)
    return _with_ours([_read(_asked(f"/v2/notifications/{message_id}"))])[0]


def _asked(path: str) -> Any:  # JSON
    release()
    try:
        return look(post.settings(), path)
    except APIError as error:
        if error.response is not None and error.status_code == 404:
            raise NotFound(_("There is no such message.")) from None
        raise Unavailable(_("The stand-in for GOV.UK Notify does not answer.")) from None


def _read(said: Mapping[str, Any]) -> _Arrived:
    try:
        return _Arrived.model_validate(said)
    except ValidationError:
        raise Unavailable(_("The stand-in for GOV.UK Notify does not answer.")) from None


def _with_ours(arrived: Sequence[_Arrived]) -> Sequence[Message]:
    """With what we know of each by our reference: its language, and when it was written."""
    references = [found for each in arrived if (found := _uuid(each.reference)) is not None]
    known = {row.id: row for row in session().execute(_OURS, {"message_ids": references})}
    messages = []
    for each in arrived:
        row = known.get(_uuid(each.reference) or each.id)
        messages.append(
            Message(
                id=each.id,
                channel=each.type,
                to_address=each.email_address or each.phone_number or each.line_1 or "",
                language=row.language if row else "en",
                subject=each.subject or "",
                body=each.body,
                state=each.status,
                created_at=row.created_at if row else each.created_at,
                receipt=each.status,
                receipt_at=each.completed_at,
            )
        )
    return messages


def _uuid(reference: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(reference or "")
    except ValueError:
        return None
