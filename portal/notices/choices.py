"""By which channel a resident hears of what: their choice for the topic, or else what their profile says."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import and_, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.notices.models import ChannelChoiceRow
from portal.notices.topics import topics
from portal.notify.contact_problems import problems_of
from portal.notify.numbers import find_mobile
from portal.notify.operations import can_text
from portal.web.languages import gettext as _

Channel = Literal["email", "sms", "digest", "none"]
CHANNELS: Final[tuple[Channel, ...]] = ("email", "sms", "digest", "none")

_REACHED = (
    select(
        AccountRow.language,
        ProfileRow.email,
        ProfileRow.email_confirmed_at,
        ProfileRow.phone,
        ProfileRow.contact_by,
        ChannelChoiceRow.channel,
    )
    .join(ProfileRow, ProfileRow.account_id == AccountRow.id)
    .join(
        ChannelChoiceRow,
        and_(ChannelChoiceRow.account_id == AccountRow.id, ChannelChoiceRow.topic == bindparam("topic")),
        isouter=True,
    )
    .where(AccountRow.id == bindparam("account"), AccountRow.closed_at.is_(None))
)
_CHOICES = select(ChannelChoiceRow.topic, ChannelChoiceRow.channel).where(
    ChannelChoiceRow.account_id == bindparam("account")
)


@dataclass(frozen=True, slots=True)
class Reach:
    """How a resident hears of one topic. `email` and `mobile` are addresses that work, as far as we know."""

    language: str
    channel: Channel
    email: str | None
    mobile: str | None


def reach_of(account_id: uuid.UUID, topic: str) -> Reach | None:
    """How to tell this resident of that; None when the account is closed.

    An address that bounces is not written to again: the other channel takes its place where there is one.
    """
    row = session().execute(_REACHED, {"account": account_id, "topic": topic}).one_or_none()
    if row is None:
        return None
    broken = {each.channel for each in problems_of(account_id, email=row.email, phone=row.phone)}
    email = row.email if row.email_confirmed_at is not None and "email" not in broken else None
    mobile = find_mobile(row.phone) if row.phone and "sms" not in broken and can_text() else None
    wanted: Channel = row.channel or ("sms" if row.contact_by == "text" else "email")
    return Reach(row.language, _possible(wanted, email, mobile), email, mobile)


def choices_of(account_id: uuid.UUID) -> Mapping[str, Channel]:
    """What the resident has chosen, by topic; topics without a choice are not in it."""
    return {row.topic: row.channel for row in session().execute(_CHOICES, {"account": account_id})}


def usual_channel(account_id: uuid.UUID) -> tuple[Channel, bool]:
    """By which channel the resident hears where they have chosen nothing, and whether texts can reach them."""
    reach = reach_of(account_id, "")
    return (reach.channel, reach.mobile is not None) if reach else ("none", False)


def in_fact(wanted: Channel, reach: Reach) -> Channel:
    """By which channel they hear of what they want to hear of by that one, while their addresses are as they are."""
    return _possible(wanted, reach.email, reach.mobile)


def choose(account: Account, *, topic: str, channel: Channel | None) -> None:
    """Tell this resident of that topic so from now on; None takes the choice back.

    Raises NotFound; Refused for texts without a mobile number.
    """
    if topic not in topics() or channel not in (None, *CHANNELS):
        raise NotFound
    if channel is None:
        _take_back(account, topic)
        return
    reach = reach_of(account.id, topic)
    if channel == "sms" and (reach is None or reach.mobile is None):
        raise Refused(_("We can only send texts to a mobile number. Add one to your details first."))
    _choose(account.id, topic, channel, clock.now())
    record("notices.channel_chosen", actor=f"account:{account.id}", account_id=account.id, topic=topic, channel=channel)


def _take_back(account: Account, topic: str) -> None:
    gone = delete(ChannelChoiceRow).where(ChannelChoiceRow.account_id == account.id, ChannelChoiceRow.topic == topic)
    session().execute(gone)
    record("notices.choice_taken_back", actor=f"account:{account.id}", account_id=account.id, topic=topic)


def _choose(account_id: uuid.UUID, topic: str, channel: Channel, now: datetime) -> None:
    made = insert(ChannelChoiceRow).values(account_id=account_id, topic=topic, channel=channel, chosen_at=now)
    session().execute(
        made.on_conflict_do_update(
            index_elements=[ChannelChoiceRow.account_id, ChannelChoiceRow.topic],
            set_={"channel": made.excluded.channel, "chosen_at": made.excluded.chosen_at},
        )
    )


def _possible(wanted: Channel, email: str | None, mobile: str | None) -> Channel:
    """The channel itself, or the next best that leads anywhere. The inbox has it in any case."""
    if wanted == "none":
        return "none"
    if wanted == "sms" and mobile:
        return "sms"
    if email:
        return "email" if wanted == "sms" else wanted
    return "sms" if mobile else "none"
