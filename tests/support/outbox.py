"""What was written to people."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.db.session import session
from portal.notify.contact_problems import note_failure
from portal.notify.models import OutboundMessage


def letters(template: str) -> Sequence[OutboundMessage]:
    """The letters made of one template, oldest first. Needs the application's context."""
    query = select(OutboundMessage).where(OutboundMessage.template == template)
    return session().scalars(query.order_by(OutboundMessage.created_at, OutboundMessage.id)).all()


def comes_back(message_id: UUID) -> None:
    """What happens when nobody is at a message's address."""
    note_failure(session().get_one(OutboundMessage, message_id), clock.now())
    session().commit()
