"""Erase what a person was told, and what they chose."""

import uuid

from sqlalchemy import delete

from portal.db.session import session
from portal.notices.models import ChannelChoiceRow, NoticeRow


def forget(account_id: uuid.UUID) -> None:
    """Nothing of this room leads to the person any more."""
    for row in (NoticeRow, ChannelChoiceRow):
        session().execute(delete(row).where(row.account_id == account_id))
