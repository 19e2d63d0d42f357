"""Council tax on home: one card for each account, one for all of a landlord's."""

from collections.abc import Callable, Sequence
from typing import Final

from portal.kit import Account as Resident
from portal.kit import Answer, Card, JoinedRecord, NotFound, format_date, last_answer, money, ngettext
from portal.kit import gettext as _
from services.council_tax.backoffice.client import SERVICE
from services.council_tax.backoffice.values import Account, Accounts
from services.council_tax.queries.accounts import ask_properties, glance, own_records, properties_key
from services.council_tax.queries.bills import account_key, ask_account
from services.council_tax.workflow import REASONS

HOME: Final = "/services/council_tax"
MOST_CARDS: Final = 3
"""Whoever has more accounts gets one card for all."""

Ask = Callable[[Resident, str], Answer[Account]]
AskAll = Callable[[Resident, JoinedRecord], Answer[Accounts]]


def home_cards(resident: Resident) -> Sequence[Card]:
    """What is owed and when, as the system says now or said last, with the time of that."""
    return _cards(resident, ask_account, ask_properties)


def last_cards(resident: Resident) -> Sequence[Card]:
    """The same from what the system said last, without asking it."""
    return [card for card in _cards(resident, _last_account, _last_list) if card.as_of_at]


def _last_account(resident: Resident, reference: str) -> Answer[Account]:
    return last_answer(resident.id, service=SERVICE, key=account_key(reference), kind=Account)


def _last_list(resident: Resident, record: JoinedRecord) -> Answer[Accounts]:
    return last_answer(resident.id, service=SERVICE, key=properties_key(record), kind=Accounts)


def _cards(resident: Resident, ask: Ask, ask_all: AskAll) -> Sequence[Card]:
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
        return [_of_all(records, [ask_all(resident, one) for one in {one.person_key: one for one in records}.values()])]
    return [_of_one(resident, record, ask, several=len(records) > 1) for record in records]


def _of_all(records: Sequence[JoinedRecord], answers: Sequence[Answer[Accounts]]) -> Card:
    """One card for a landlord's homes: what they owe together, as far as the system has said it of each."""
    title, url = _("Your council tax accounts"), f"{HOME}/properties"
    many = ngettext("%(num)s account", "%(num)s accounts", len(records))
    told = [answer.value for answer in answers if answer.value is not None]
    if len(told) < len(answers):
        away = _("We cannot reach our council tax system just now. Try again later.")
        return Card(title=title, text=f"{many}. {away}", url=url)
    keys = {one.key for one in records}
    lines = [line for each in told for line in each.items if line.reference in keys]
    if len(lines) < len(records):  # some stand on further pages of the list: half a sum would mislead
        return Card(title=title, text=many, url=url)
    owed, late = sum(max(line.balance, 0) for line in lines), sum(line.late for line in lines)
    words = [f"{many}.", _("You owe %(amount)s.", amount=money(owed)) if owed else _("You owe nothing.")]
    if late:
        words.append(_("%(amount)s is late.", amount=money(late)))
    return Card(
        title=title,
        text=" ".join(words),
        url=url,
        tag=_("Late") if late else "",
        tag_colour="red" if late else "grey",
        action_needed=bool(late),
        as_of_at=min((one.as_of_at for one in answers if not one.fresh and one.as_of_at), default=None),
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
