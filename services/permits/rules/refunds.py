"""What comes back when a permit is given back before its end, and what a change of vehicle costs.

Councils count what is left by complete months (Swindon, Eastleigh) or by days (Kensington and Chelsea), keep a fee,
pay nothing below a sum, and ask for a least time that is left (Watford): `data/published`, each with its source.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

from portal.kit import lazy_gettext as _
from services.permits.rules.lengths import last_of_months
from services.permits.rules.price_models import Count, Pence
from services.permits.rules.prices import DATA, Price, Step, Words, half_up

Counting = Literal["complete_months", "days", "none"]
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RefundRule:
    """How a permit is paid back.

    `fee` is kept from it, pence. `nothing_upto`: sums up to this are not paid. `more_than_months`: more complete
    months than this must be left. `paid_within_days` is what residents are promised.
    """

    __pydantic_config__ = DATA

    by: Counting = "none"
    fee: Pence = 0
    nothing_upto: Pence = 0
    more_than_months: Count = 0
    paid_within_days: Count | None = None


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """What a change of vehicle costs: the difference for the time that is left, and a fee after so many free ones.

    `by` "none": the price stays whatever the new vehicle is. `pays_back`: whether a cheaper vehicle brings money back.
    """

    __pydantic_config__ = DATA

    by: Counting = "days"
    fee: Pence = 0
    free: Count = 0
    pays_back: bool = True


NOT_PAID_BACK: Final = RefundRule()
BY_DAYS: Final = ChangeRule()


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a permit: so many parts (months or days) of all."""

    parts: int
    of: int

    @property
    def share(self) -> Fraction:
        """From nothing to one."""
        return Fraction(self.parts, self.of) if self.of else Fraction(0)


def days_left(first_on: date, last_on: date, on: date) -> Left:
    """The days after `on`, which counts as used, of all days. All of them for a permit that has not begun."""
    whole = max(0, (last_on - first_on).days + 1)
    return Left(min(whole, max(0, (last_on - on).days)), whole)


def months_left(first_on: date, last_on: date, on: date) -> Left:
    """The permit's own months that begin after `on`, of all; a month that has begun is used.

    A permit that is no whole number of months counts its last part as used, with the month it would have been.
    """
    starts, complete, month = [first_on], 0, 1
    while (end := last_of_months(first_on, month)) <= last_on:
        complete, month = complete + 1, month + 1
        starts.append(end + DAY)
    left = sum(1 for start in starts[:complete] if start > on)
    begun = complete + (starts[complete] <= last_on)
    return Left(left, begun)


def left_of(by: Counting, first_on: date, last_on: date, on: date) -> Left:
    """What is left by a council's way of counting."""
    if by == "none" or last_on < first_on:
        return Left(0, 1)
    return (months_left if by == "complete_months" else days_left)(first_on, last_on, on)


def refund_of(
    rule: RefundRule, *, paid: int, first_on: date, last_on: date, on: date, worth: int | None = None
) -> Price:
    """What is paid back, pence, never below nothing nor above `paid`, with the reasons.

    `paid` is what has been paid for the permit and not been paid back. `worth` is what its whole length costs, where
    that is not what was paid: after a change of vehicle. `on` is the day on which it is given back.
    """
    left = left_of(rule.by, first_on, last_on, on)
    back = min(paid, half_up((paid if worth is None else worth) * left.share))
    steps = [Step(_left_in_words(rule.by, left), back)]
    if rule.more_than_months and months_left(first_on, last_on, on).parts <= rule.more_than_months:
        words = _("More than %(months)s complete months must be left", months=rule.more_than_months)
        return Price(0, (*steps, Step(words, -back)))
    kept = min(back, rule.fee)
    if kept:
        steps.append(Step(_("Fee for ending the permit early"), -kept))
    if 0 < back - kept <= rule.nothing_upto:
        steps.append(Step(_("Sums as small as this are not paid back"), kept - back))
        return Price(0, tuple(steps))
    return Price(back - kept, tuple(steps))


def change_of_vehicle(
    rule: ChangeRule,
    *,
    paid: int,
    was: int,
    would_be: int,
    first_on: date,
    last_on: date,
    on: date,
    changes_before: int = 0,
) -> Price:
    """What a change of vehicle costs: pence to pay, or below nothing what comes back, which is never above `paid`.

    `was` and `would_be` are the whole price with the old and with the new vehicle, both by the tariff the permit was
    bought under: a price that has risen since is no doing of the vehicle's. The day of the change is the old one's.
    """
    left = left_of(rule.by, first_on, last_on, on)
    difference = half_up(abs(would_be - was) * left.share) * (1 if would_be >= was else -1)
    if difference < 0:
        difference = max(difference, -paid) if rule.pays_back else 0
    fee = rule.fee if changes_before >= rule.free else 0
    steps = [Step(_difference_in_words(rule, was, would_be, left), difference)]
    if fee:
        steps.append(Step(_("Fee for changing the vehicle"), fee))
    return Price(difference + fee, tuple(steps))


def _left_in_words(by: Counting, left: Left) -> Words:
    if by == "none":
        return _("Permits of this kind are not paid back")
    if by == "days":
        return _("%(left)s of %(all)s days are left", left=left.parts, all=left.of)
    return _("%(left)s of %(all)s months are left", left=left.parts, all=left.of)


def _difference_in_words(rule: ChangeRule, was: int, would_be: int, left: Left) -> Words:
    if rule.by == "none" or was == would_be:
        return _("The price is the same")
    if would_be < was and not rule.pays_back:
        return _("The new vehicle is cheaper; the difference is not paid back")
    if rule.by == "days":
        return _("The difference in price for the %(left)s of %(all)s days that are left", left=left.parts, all=left.of)
    return _("The difference in price for the %(left)s of %(all)s months that are left", left=left.parts, all=left.of)
