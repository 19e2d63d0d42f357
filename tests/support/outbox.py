"""What was written to people."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.db.session import session
from portal.notify.models import OutboundMessage


def letters(template: str) -> Sequence[OutboundMessage]:
    """The letters made of one template, oldest first. Needs the application's context."""
    query = select(OutboundMessage).where(OutboundMessage.template == template)
    return session().scalars(query.order_by(OutboundMessage.created_at, OutboundMessage.id)).all()
