"""Council tax on home: one card for each account, one for all of a landlord's."""

from collections.abc import Callable, Sequence
from typing import Final

from portal.kit import Account as Resident
from portal.kit import Answer, Card, JoinedRecord, NotFound, format_date, last_answer, money, ngettext
from portal.kit import gettext as _
from services.council_tax.backoffice.client import SERVICE
from services.council_tax.backoffice.values import Account
from services.council_tax.queries.accounts import glance, own_records
from services.council_tax.queries.bills import account_key, ask_account
from services.council_tax.workflow import REASONS

HOME: Final = "/services/council_tax"
MOST_CARDS: Final = 3
"""Whoever has more accounts gets one card for all."""

Ask = Callable[[Resident, str], Answer[Account]]


def home_cards(resident: Resident) -> Sequence[Card]:
    """What is owed and when, as the system says now or said last, with the time of that."""
    return _cards(resident, ask_account)


def last_cards(resident: Resident) -> Sequence[Card]:
    """The same from what the system said last, without asking it."""
    return [card for card in _cards(resident, _last_account) if card.as_of_at or card.url == f"{HOME}/properties"]


def _last_account(resident: Resident, reference: str) -> Answer[Account]:
    return last_answer(resident.id, service=SERVICE, key=account_key(reference), kind=Account)


def _cards(resident: Resident, ask: Ask) -> Sequence[Card]:
    records = own_records(resident)
    if not records:
        return [
            Card(
                title=_("Add your council tax account"),
                text=_("See what you owe, your bills and your payments. You need the account number from your bill."),
                url="/join/council_tax/account",
            ),
            Card(
                title=_("New here, or no bill yet?"),
                text=_("Tell us that you have moved in, find the band of a home, or work out a bill."),
                url=f"{HOME}/",
            ),
        ]
    if len(records) > MOST_CARDS:
        return [_of_all(records)]
    return [_of_one(resident, record, ask, several=len(records) > 1) for record in records]


def _of_all(records: Sequence[JoinedRecord]) -> Card:
    many = len(records)
    return Card(
        title=_("Your council tax accounts"),
        text=ngettext("%(num)s account", "%(num)s accounts", many),
        url=f"{HOME}/properties",
    )


def _of_one(resident: Resident, record: JoinedRecord, ask: Ask, *, several: bool) -> Card:
    try:
        return _card(record, ask(resident, record.key), several=several)
    except NotFound:  # they have left it, or the system knows them on it no more
        title = _("Council tax account %(reference)s", reference=record.key)
        return Card(title=title, text=str(REASONS["not_found"]), url=f"{HOME}/accounts/{record.key}")


def _card(record: JoinedRecord, answer: Answer[Account], *, several: bool) -> Card:
    title = _("Council tax account %(reference)s", reference=record.key) if several else _("Your council tax")
    url, found = f"{HOME}/accounts/{record.key}", answer.value
    if found is None:
        return Card(title=title, text=_("We cannot reach our council tax system just now. Try again later."), url=url)
    now = glance(found)
    is_late = bool(now.late or now.all_due or (found.recovery and found.recovery.next_step))
    return Card(
        title=title,
        text=_words(found),
        url=url,
        tag=_("Late") if is_late else "",
        tag_colour="red" if is_late else "grey",
        action_needed=is_late,
        as_of_at=None if answer.fresh else answer.as_of_at,
    )


def _words(account: Account) -> str:
    now = glance(account)
    if now.credit:
        return _("We owe you %(amount)s.", amount=money(now.credit))
    if now.is_settled:
        return _("You owe nothing.")
    owed = _("You owe %(amount)s.", amount=money(now.owed))
    steps = account.recovery
    if steps is not None and steps.next_step and steps.pay_by_on:
        return _(
            "Pay %(amount)s by %(day)s. Otherwise the next step of recovery follows.",
            amount=money(steps.pay_pence),
            day=format_date(steps.pay_by_on),
        )
    if now.late:
        return f"{owed} " + _("%(amount)s is late.", amount=money(now.late))
    if now.all_due:
        return _("All of %(amount)s is due now.", amount=money(now.all_due))
    if now.next_on is None:
        return owed
    amount, day = money(now.next_pence), format_date(now.next_on)
    if now.collected:
        return f"{owed} " + _("We collect %(amount)s on %(day)s.", amount=amount, day=day)
    return f"{owed} " + _("Next payment: %(amount)s on %(day)s.", amount=amount, day=day)
