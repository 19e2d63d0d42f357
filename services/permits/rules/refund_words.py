"""A council's rules for giving back and changing, as residents read them before they buy."""

from portal.kit import Lazy, money
from portal.kit import lazy_gettext as _
from services.permits.rules.refunds import ChangeRule, RefundRule
from services.permits.rules.visit_prices import VisitPrices


def refund_said(rule: RefundRule) -> tuple[Lazy, ...]:
    """What comes back when a permit is ended early, a sentence for each part of the rule."""
    if rule.by == "none":
        return (_("You get nothing back if you end the permit early."),)
    said = [
        _("If you end the permit early, we pay back the complete months that are left.")
        if rule.by == "complete_months"
        else _("If you end the permit early, we pay back the days that are left.")
    ]
    if rule.more_than_months:
        said.append(_("More than %(many)s complete months must be left.", many=rule.more_than_months))
    if rule.fee:
        said.append(_("We keep a fee of %(amount)s.", amount=money(rule.fee)))
    if rule.nothing_upto:
        said.append(_("We do not pay back %(amount)s or less.", amount=money(rule.nothing_upto)))
    if rule.paid_within_days is not None:
        said.append(_("You have the money within %(many)s days.", many=rule.paid_within_days))
    return tuple(said)


def change_said(rule: ChangeRule) -> tuple[Lazy, ...]:
    """What another vehicle costs, a sentence for each part of the rule."""
    said = [_difference(rule)]
    if rule.fee and rule.free:
        free = _("The first change is free.") if rule.free == 1 else _("%(many)s changes are free.", many=rule.free)
        said += [free, _("After that a change costs %(amount)s.", amount=money(rule.fee))]
    elif rule.fee:
        said.append(_("A change costs %(amount)s.", amount=money(rule.fee)))
    return tuple(said)


def visits_said(visits: VisitPrices) -> tuple[Lazy, ...]:
    """The limits of visitors' parking, a sentence for each."""
    said: list[Lazy] = []
    if visits.least_purchase:
        said.append(_("The least that you can buy at once costs %(amount)s.", amount=money(visits.least_purchase)))
    if visits.sessions_a_year is not None:
        said.append(_("You can have %(many)s visits a year.", many=visits.sessions_a_year))
    if visits.at_once is not None:
        said.append(
            _("One visitor can park at a time.")
            if visits.at_once == 1
            else _("Up to %(many)s visitors can park at the same time.", many=visits.at_once)
        )
    if visits.refund == "none":
        said.append(_("Time that you do not use is not paid back."))
    else:
        said.append(_("You can give back time that you do not use."))
    return tuple(said)


def _difference(rule: ChangeRule) -> Lazy:
    if rule.by == "none":
        return _("You can change the vehicle, and the price stays the same.")
    if rule.pays_back:
        return _("If you change the vehicle, you pay or get back the difference for the time that is left.")
    return _("If you change to a vehicle that costs more, you pay the difference for the time that is left.")
