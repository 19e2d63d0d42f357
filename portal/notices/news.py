"""What home says first: how much is unread, and which address nothing arrives at."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import bindparam, func, select

from portal.accounts.models import ProfileRow
from portal.db.session import session
from portal.notices.inbox import MOST_COUNTED
from portal.notices.models import NoticeRow
from portal.notify.contact_problems import digest
from portal.notify.models import ContactProblem


@dataclass(frozen=True, slots=True)
class Broken:
    """An address that letters or texts come back from."""

    channel: Literal["email", "sms"]
    address: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """`unread` is counted up to a hundred."""

    unread: int
    broken: Sequence[Broken]


_UNREAD: Final = (
    select(func.count())
    .select_from(
        select(NoticeRow.id)
        .where(NoticeRow.account_id == bindparam("account"), NoticeRow.read_at.is_(None))
        .limit(MOST_COUNTED)
        .subquery()
    )
    .scalar_subquery()
)
_NEWS: Final = (
    select(
        _UNREAD.label("unread"),
        ProfileRow.email,
        ProfileRow.phone,
        ContactProblem.channel,
        ContactProblem.address_hash,
        ContactProblem.since_at,
    )
    .select_from(ProfileRow)
    .join(ContactProblem, ContactProblem.account_id == ProfileRow.account_id, isouter=True)
    .where(ProfileRow.account_id == bindparam("account"))
    .order_by(ContactProblem.channel)
)


def news_of(account_id: uuid.UUID) -> News:
    """Both in one question. A problem with an address that is no longer theirs is none."""
    rows = session().execute(_NEWS, {"account": account_id}).all()
    broken = []
    for row in rows:
        address = row.email if row.channel == "email" else row.phone
        if row.channel and address and digest(address) == row.address_hash:
            broken.append(Broken(row.channel, address, row.since_at))
    return News(rows[0].unread if rows else 0, broken)
