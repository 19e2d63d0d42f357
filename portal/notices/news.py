"""What home says first: how much is unread, and which address nothing arrives at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Row, bindparam, func, select

from portal.accounts.models import AccountRow, ProfileRow
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
NEWS: Final = (
    select(
        _UNREAD.label("unread"),
        ProfileRow.email,
        ProfileRow.phone,
        ContactProblem.channel,
        ContactProblem.address_hash,
        ContactProblem.since_at,
    )
    .select_from(AccountRow)
    .join(ProfileRow, ProfileRow.account_id == AccountRow.id, isouter=True)
    .join(ContactProblem, ContactProblem.account_id == AccountRow.id, isouter=True)
    .where(AccountRow.id == bindparam("account"))
    .order_by(ContactProblem.channel)
)
"""Both of `account` in one question, to which home adds what it counts of other rooms: one row at least."""


def news_from(rows: Sequence[Row[*tuple[Any, ...]]]) -> News:  # rows of `NEWS`, with any columns more
    """What `NEWS` found. A problem with an address that is no longer theirs is none."""
    broken = []
    for row in rows:
        address = row.email if row.channel == "email" else row.phone
        if row.channel and address and digest(address) == row.address_hash:
            broken.append(Broken(row.channel, address, row.since_at))
    return News(rows[0].unread, broken)
