"""States of council tax in words and colours."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from portal.kit import Lazy, format_date, money
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.council_tax.backoffice.values import Account
from services.council_tax.queries.accounts import besides, glance

STATES: Final[Mapping[str, tuple[Lazy, str]]] = {
    "paid": (_l("Paid"), "green"),
    "part_paid": (_l("Part paid"), "yellow"),
    "due": (_l("Due"), "blue"),
    "late": (_l("Late"), "red"),
    "future": (_l("To come"), "grey"),
    "cancelled": (_l("Cancelled"), "grey"),
}
ROLES: Final[Mapping[str, Lazy]] = {
    "liable": _l("Pays the council tax"),
    "joint": _l("Pays together with the others"),
    "landlord": _l("Owns or lets the property"),
    "agent": _l("Acts for who pays"),
}
STEPS: Final[Mapping[str, tuple[Lazy, Lazy]]] = {
    "reminder": (_l("Reminder"), _l("We wrote to you because a payment had not reached us.")),
    "second_reminder": (
        _l("Second reminder"),
        _l("We wrote to you again. If another payment is missed this year, you lose the right to pay in instalments."),
    ),
    "final_notice": (_l("Final notice"), _l("You lost the right to pay in instalments. The whole year is due.")),
    "summons": (_l("Summons"), _l("We asked the magistrates’ court for a liability order. Costs were added.")),
    "liability_order": (
        _l("Liability order"),
        _l("The court confirmed that you owe the money. We may take it from pay or benefits."),
    ),
    "enforcement": (_l("Enforcement agents"), _l("We passed what you owe to enforcement agents, who add fees.")),
    "arrangement": (_l("Payment arrangement"), _l("We agreed to spread what you owe. Keep to it and nothing follows.")),
    "hold": (_l("On hold"), _l("We do not chase what you owe for now.")),
}
"""Each step of recovery: its name, and what it meant. Law: SI 1992/613 Part V and VI."""
TRANSACTIONS: Final[Mapping[str, Lazy]] = {
    "charge": _l("Council tax charged"),
    "adjustment": _l("Charge changed"),
    "payment": _l("Payment, thank you"),
    "direct_debit": _l("Direct Debit payment"),
    "refund": _l("Paid back to you"),
    "cost": _l("Costs added"),
    "transfer": _l("Moved from or to another account"),
    "returned_payment": _l("Payment that your bank returned"),
    "arrears": _l("Brought forward from earlier years"),
}
CHANGES: Final[Sequence[tuple[str, Lazy]]] = (
    ("moving/out", _l("You are moving out, or have moved")),
    ("discounts", _l("Discounts: get one, or tell us that one ends")),
    ("exemption", _l("Ask for an exemption")),
    ("band-reduction", _l("Your home was changed for a disability")),
    ("reduction", _l("Council tax reduction, if your income is low")),
    ("direct-debit", _l("Pay by Direct Debit, or change it")),
    ("e-billing", _l("Choose how your bills come")),
    ("spread", _l("Spread what you owe")),
    ("refund", _l("Get money back that you paid too much")),
)
"""What can be changed from an account's page: the last part of the address, and the words."""
_OF_CLOSED: Final = frozenset({"spread", "refund"})


def changes_of(account: Account | None) -> Sequence[tuple[str, Lazy]]:
    """What the page of this account offers: of one that has ended, only what settles it."""
    ended = account is not None and account.closed_on is not None
    return [each for each in CHANGES if not ended or each[0] in _OF_CLOSED]


def what_next(account: Account, today: date) -> str:
    """What happens next with the payments, in one or two sentences."""
    now = glance(account)
    if account.recovery is not None and account.recovery.next_step and account.recovery.pay_by_on:
        return _(
            "Pay %(amount)s by %(day)s. Otherwise the next step of recovery follows.",
            amount=money(account.recovery.pay_pence),
            day=format_date(account.recovery.pay_by_on),
        )
    if now.late:
        return _("%(amount)s is late. Pay it now, so that we do not have to send a reminder.", amount=money(now.late))
    if now.all_due:
        return _("All of %(amount)s is due now.", amount=money(now.all_due))
    if now.next_on is None:
        return _("There is nothing more to pay this year.")
    if now.collected:
        return _(
            "We collect %(amount)s by Direct Debit on %(day)s. You need do nothing.",
            amount=money(now.next_pence),
            day=format_date(now.next_on),
        )
    if now.next_on == today:
        return _("Pay %(amount)s today.", amount=money(now.next_pence))
    return _("Pay %(amount)s by %(day)s.", amount=money(now.next_pence), day=format_date(now.next_on))


def next_payment(account: Account) -> str:
    """How much is to be paid next, and when."""
    now, recovery = glance(account), account.recovery
    if recovery is not None and recovery.next_step and recovery.pay_by_on:
        return _("Pay %(amount)s by %(day)s.", amount=money(recovery.pay_pence), day=format_date(recovery.pay_by_on))
    if now.all_due:
        return _("All of %(amount)s is due now.", amount=money(now.all_due))
    if now.next_on is None:
        return _("None this year")
    amount, day = money(now.next_pence), format_date(now.next_on)
    if now.collected and account.method != "direct_debit":
        return _("We collect %(amount)s on %(day)s.", amount=amount, day=day)
    return _("%(amount)s on %(day)s", amount=amount, day=day)


def to_pay(account: Account) -> str:
    """What recovery asks to be paid, and what that stops: not what other debts may bring."""
    recovery, now = account.recovery, glance(account)
    if recovery is None or recovery.next_step is None or recovery.pay_by_on is None:
        return _("All of %(amount)s is due now.", amount=money(now.all_due)) if recovery and now.all_due else ""
    asked = {"amount": money(recovery.pay_pence), "day": format_date(recovery.pay_by_on)}
    if other := besides(account):
        return _(
            "Pay %(amount)s by %(day)s, so that no further step follows for that bill. You owe %(other)s besides,"
            " from other bills or costs: steps for that go on.",
            **asked,
            other=money(other),
        )
    return _("Pay %(amount)s by %(day)s and nothing more follows.", **asked)
