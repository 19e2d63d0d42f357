"""What a permit costs that is applied for, renewed or changed, and what comes back. Pure sums on a tariff."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from portal.kit import lazy_gettext as _
from services.permits.rules.permits import Application, Permit
from services.permits.rules.price_models import Question
from services.permits.rules.prices import Price, Step
from services.permits.rules.refunds import change_of_vehicle, refund_of
from services.permits.rules.tariff import Tariff, price_of
from services.permits.rules.vehicles import Vehicle

FREE: Final = Price(0)
LEAST_PENCE: Final = 30
"""Less cannot be paid by card (Stripe behind GOV.UK Pay: 30 pence), and the permit is not refused for it."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be paid now (`price.pence`, never below nothing), what comes back, and what the whole length costs."""

    price: Price
    back: int
    worth: int


def price_for(tariff: Tariff, application: Application, *, zone: str, number: int, marks: frozenset[str]) -> Price:
    """The price of the whole length. `marks` are the zone's own, `number` which vehicle it is in order, from 1.

    Being let to park visitors costs nothing: their hours do. Raises NotPriced.
    """
    if application.kind == "visitor":
        return FREE
    question = Question(
        kind=application.kind,
        length=application.length,
        vehicle=application.vehicle or Vehicle(),
        zone=zone,
        number=number,
        marks=application.marks | marks,
    )
    return price_of(tariff, question)


def charge_for_new(price: Price) -> Charge:
    """All of it."""
    return Charge(_payable(price), 0, price.pence)


def charge_for_change(
    tariff: Tariff, permit: Permit, price: Price, *, net_paid: int, on: date, changes_before: int
) -> Charge:
    """The difference for the time that is left, both ways. `price` is that of the whole length as it would be."""
    last_used, rule = min(on, permit.last_on), tariff.change_rule(permit.kind)
    difference = change_of_vehicle(
        rule,
        paid=net_paid,
        was=permit.worth_pence,
        would_be=price.pence,
        first_on=permit.bought_on,
        last_on=permit.last_on,
        on=last_used,
        changes_before=changes_before,
    )
    # Where the rule asks for no difference, or keeps what a cheaper vehicle would bring back, what was bought is worth
    # what it was: else its end would give back what nobody paid, or keep what nobody used.
    stays = rule.by == "none" or (price.pence < permit.worth_pence and not rule.pays_back)
    worth = permit.worth_pence if stays else price.pence
    if difference.pence < 0:
        return Charge(Price(0, difference.steps), -difference.pence, worth)
    return Charge(_payable(difference), 0, worth)


def refund_for_end(tariff: Tariff, permit: Permit, *, net_paid: int, on: date) -> Price:
    """What comes back when a permit ends on a day, which counts as used: by its whole price, at most what was paid.

    Not by what was paid: that may hold fees, and days with a dearer vehicle that are used up.
    """
    rule = tariff.refund_rule(permit.kind)
    return refund_of(
        rule, paid=net_paid, worth=permit.worth_pence, first_on=permit.bought_on, last_on=permit.last_on, on=on
    )


def _payable(price: Price) -> Price:
    """The price, or nothing where it is too small for a card."""
    if not 0 < price.pence < LEAST_PENCE:
        return price
    return Price(0, (*price.steps, Step(_("Sums as small as this are not asked for"), -price.pence)))
