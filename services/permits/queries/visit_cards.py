"""Visitors and businesses on home, and in what happened lately."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select

from portal.kit import Account, Activity, Card, format_datetime, ngettext, session
from portal.kit import gettext as _
from services.permits.models import VisitorBalance, VisitorPurchase
from services.permits.queries.businesses import businesses_of
from services.permits.queries.visits import PAGE, Visiting, cars_there, visiting_of
from services.permits.rules.visit_prices import time_said

BUSINESSES: Final = "/services/permits/businesses"
MOST: Final = 20
_BOUGHT = (
    select(VisitorPurchase.minutes, VisitorPurchase.paid_at)
    .join(VisitorBalance, VisitorBalance.id == VisitorPurchase.balance_id)
    .where(VisitorBalance.account_id == bindparam("account"), VisitorPurchase.status == "paid")
    .order_by(VisitorPurchase.paid_at.desc(), VisitorPurchase.id)
    .limit(MOST)
)


def visit_cards(account: Account) -> Sequence[Card]:
    """One card for each zone in which somebody has visitor parking or hours left, with the cars that are there."""
    return [_card(each) for each in visiting_of(account) if each.permit_id is not None or each.minutes]


def business_cards(account: Account) -> Sequence[Card]:
    """One card for each business that somebody acts for."""
    return [
        Card(title=each.name, text=_("Permits of the business"), url=f"{BUSINESSES}/{each.id}")
        for each in businesses_of(account)
    ]


def hours_bought(account: Account) -> Sequence[Activity]:
    """The last hours that were bought."""
    rows = session().execute(_BOUGHT, {"account": account.id})
    return [
        Activity(
            at=row.paid_at, title=_("You bought %(time)s of visitor parking", time=time_said(row.minutes)), url=PAGE
        )
        for row in rows
    ]


def _card(visiting: Visiting) -> Card:
    there = cars_there(visiting.balance_id)
    left = _("You have %(time)s left.", time=time_said(visiting.minutes)) if visiting.minutes else _("No hours left.")
    if there:
        until = _("%(car)s may park until %(until)s.", car=there[0].car, until=format_datetime(there[0].ends_at))
        left = f"{until} {left}"
    return Card(
        title=_("Visitor parking, %(zone)s", zone=visiting.zone_title),
        text=left,
        url=f"{PAGE}?zone={visiting.zone}",
        tag=ngettext("%(n)s car there", "%(n)s cars there", len(there)) if there else "",
        tag_colour="green",
    )
