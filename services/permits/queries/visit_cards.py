"""Visitors and businesses on home."""

from collections.abc import Sequence
from typing import Final

from portal.kit import Card, format_datetime, ngettext
from portal.kit import gettext as _
from services.permits.queries.at_home import AtHome, VisitingNow
from services.permits.queries.visits import PAGE
from services.permits.rules.registrations import shown
from services.permits.rules.visit_prices import time_said

BUSINESSES: Final = "/services/permits/businesses"


def visit_cards(found: AtHome) -> Sequence[Card]:
    """One card for each zone in which somebody has visitor parking or hours left, with the cars that are there."""
    return [_card(each) for each in found.visiting]


def business_cards(found: AtHome) -> Sequence[Card]:
    """One card for each business that somebody acts for."""
    return [
        Card(title=name, text=_("Permits of the business"), url=f"{BUSINESSES}/{business_id}")
        for business_id, name in found.businesses
    ]


def _card(visiting: VisitingNow) -> Card:
    left = _("You have %(time)s left.", time=time_said(visiting.minutes)) if visiting.minutes else _("No hours left.")
    if visiting.until_at:
        car, until_at = shown(visiting.car), format_datetime(visiting.until_at)
        until = _("%(car)s may park until %(until)s.", car=car, until=until_at)
        left = f"{until} {left}"
    return Card(
        title=_("Visitor parking, %(zone)s", zone=visiting.zone_title),
        text=left,
        url=f"{PAGE}?zone={visiting.zone}",
        tag=ngettext("%(n)s car there", "%(n)s cars there", visiting.cars) if visiting.cars else "",
        tag_colour="green",
    )
