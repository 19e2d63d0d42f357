"""Permits on home, in what happened lately, in the calendar, and in what residents are reminded of."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased

from portal.kit import (
    Account,
    Activity,
    CalendarEntry,
    Card,
    Reminder,
    clock,
    format_date,
    format_datetime,
    ngettext,
    session,
    settings_of,
)
from portal.kit import gettext as _
from services.permits.models.permits import Permit as PermitRow
from services.permits.queries.at_home import AtHome, Happened, at_home, happened_lately
from services.permits.queries.permits import permits_of
from services.permits.queries.visit_cards import business_cards, visit_cards
from services.permits.rules.permits import HOLDING, Held
from services.permits.rules.registrations import shown
from services.permits.rules.status_words import words_of
from services.permits.rules.visit_prices import time_said
from services.permits.settings import PermitSettings
from services.permits.workflow import TITLES

PAGE: Final = "/services/permits"
FIRST: Final = UUID(int=0)
EARLY: Final = 21
"""How many days before the reminder that the portal sends for everything residents are reminded of a renewal: some
three weeks before the last day, as councils do."""
PORTAL_AHEAD: Final = 3
"""How many days ahead the portal asks for reminders."""
_later = aliased(PermitRow)
_FOLLOWED = exists().where(
    _later.chain_id == PermitRow.chain_id, _later.bought_on > PermitRow.last_on, _later.status.in_(sorted(HOLDING))
)
_ENDING = (
    PermitRow.status == "active",
    PermitRow.last_on.in_(bindparam("days", expanding=True)),
    PermitRow.account_id > bindparam("after"),
    ~_FOLLOWED,
)
_PEOPLE = (
    select(PermitRow.account_id)
    .where(*_ENDING)
    .distinct()
    .order_by(PermitRow.account_id)
    .limit(bindparam("many"))
    .subquery()
)
_THEIRS: Final = (
    select(PermitRow.id, PermitRow.account_id, PermitRow.kind, PermitRow.reference, PermitRow.last_on)
    .where(*_ENDING, PermitRow.account_id.in_(select(_PEOPLE)))
    .order_by(PermitRow.account_id, PermitRow.last_on, PermitRow.id)
)


def home_cards(account: Account) -> Sequence[Card]:
    """Permits, then visitors, then businesses."""
    found = at_home(account)
    return [*permit_cards(found), *visit_cards(found), *business_cards(found)]


def activity(account: Account) -> Sequence[Activity]:
    """Hours bought, and permits that are over: what nobody did, and the ledger of cases does not say. The latest
    first."""
    return [_happened(each) for each in happened_lately(account)]


def permit_cards(found: AtHome) -> Sequence[Card]:
    """What waits for somebody or for an officer, what is valid, and what they have begun."""
    cards = [_card(permit, car) for permit, car in found.permits]
    if found.begun:
        cards.append(
            Card(
                title=_("Parking permits"),
                text=ngettext("%(n)s unfinished application", "%(n)s unfinished applications", found.begun),
                url=f"{PAGE}/",
                action_needed=True,
            )
        )
    return cards


def permit_days(account: Account) -> Sequence[CalendarEntry]:
    """The last day of each permit, and until when one is held that is not paid for."""
    entries: list[CalendarEntry] = []
    for permit in permits_of(account):
        url = f"{PAGE}/{permit.id}"
        if permit.status == "active" and permit.last_on >= clock.today():
            title = _("Last day of your parking permit %(reference)s", reference=permit.reference)
            entries.append(
                CalendarEntry(on=permit.last_on, title=title, url=url, kind="expiry", key=f"{permit.id}:end")
            )
        elif permit.status == "to_pay" and permit.held_until_at is not None:
            on = permit.held_until_at.date()
            title = _("Last day to pay for your parking permit %(reference)s", reference=permit.reference)
            entries.append(CalendarEntry(on=on, title=title, url=url, kind="payment", key=f"{permit.id}:pay"))
    return entries


def permit_reminders(on: date, after: UUID | None, limit: int) -> Sequence[Reminder]:
    """Whose permit ends on that day, or so long after it that it is time to renew; not if it was renewed."""
    days = sorted({on, on + timedelta(days=_early())})
    rows = session().execute(_THEIRS, {"days": days, "after": after or FIRST, "many": limit})
    return [
        Reminder(
            account_id=row.account_id,
            key=f"{row.id}:{'end' if row.last_on == on else 'renew'}",
            on=row.last_on,
            url=f"{PAGE}/{row.id}",
            title=_("Your parking permit %(reference)s ends. Renew it if you still need it.", reference=row.reference)
            if row.kind != "temporary"
            else _("Your temporary parking permit %(reference)s ends.", reference=row.reference),
        )
        for row in rows
    ]


def _early() -> int:
    """No earlier than it can be renewed."""
    return max(0, min(EARLY, settings_of(PermitSettings).renew_days - PORTAL_AHEAD))


def _happened(each: Happened) -> Activity:
    if each.what == "bought":
        said = _("You bought %(time)s of visitor parking", time=time_said(each.minutes))
        return Activity(at=each.at, title=said, url=f"{PAGE}/visitors")
    said = _("Your parking permit %(reference)s is over", reference=each.reference)
    return Activity(at=each.at, title=said, url=f"{PAGE}/{each.id}")


def _card(permit: Held, car: str) -> Card:
    words = words_of(permit, clock.today())
    return Card(
        title=f"{TITLES[permit.kind]} {shown(permit.vrm)}".rstrip(),
        text=_said(permit, car),
        url=f"{PAGE}/{permit.id}",
        tag=words.title,
        tag_colour=words.colour,
        action_needed=permit.status == "to_pay",
    )


def _said(permit: Held, car: str) -> str:
    if permit.status == "asked":
        return _("An officer looks at your application.")
    if permit.status == "to_pay":
        if permit.held_until_at is None:
            return _("Pay for it, and it is valid.")
        return _("Pay for it: we hold it for you until %(until)s.", until=format_datetime(permit.held_until_at))
    if car != permit.vrm:
        return _("%(car)s may park today, and %(own)s may not.", car=shown(car), own=shown(permit.vrm))
    if permit.first_on > clock.today():
        return _(
            "Valid from %(first)s to %(last)s.", first=format_date(permit.first_on), last=format_date(permit.last_on)
        )
    return _("Valid until %(last)s.", last=format_date(permit.last_on))
