"""Another vehicle, another address, a courtesy car: what it means, and the start."""

from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Form, Lazy, Refused, clock, commits, current_account, notify_next, render, settings_of
from portal.kit import gettext as _
from services.permits.forms.changes import CourtesyForm
from services.permits.operations.applications import begin_change
from services.permits.operations.changing import check_has_car, check_movable, find_renewal
from services.permits.operations.courtesy import lend, return_car
from services.permits.operations.vehicles import possible_mark
from services.permits.queries.courtesy import courtesy_cars_to_come
from services.permits.queries.permits import get_own_permit
from services.permits.queries.tariffs import get_used_tariff
from services.permits.rules.application_steps import Journey
from services.permits.rules.permits import Permit
from services.permits.rules.refund_words import change_said
from services.permits.rules.registrations import shown
from services.permits.settings import PermitSettings
from services.permits.views.application_pages import onward_from
from services.permits.views.blueprint import bp


@bp.route("/<uuid:permit_id>/vehicle", methods=["GET", "POST"])
@commits
def permit_vehicle(permit_id: UUID) -> ResponseReturnValue:
    """What another vehicle costs, and the start of the questions."""
    return _begin(permit_id, Journey.VEHICLE)


@bp.route("/<uuid:permit_id>/address", methods=["GET", "POST"])
@commits
def permit_address(permit_id: UUID) -> ResponseReturnValue:
    """What another address means, and the start of the questions; the way out for who has moved away."""
    return _begin(permit_id, Journey.ADDRESS)


@bp.route("/<uuid:permit_id>/courtesy-car", methods=["GET", "POST"])
@commits
def permit_courtesy(permit_id: UUID) -> ResponseReturnValue:
    """Let another car park in the place of the permit's own for some days."""
    account = current_account()
    permit = get_own_permit(account, permit_id)
    settings = settings_of(PermitSettings)
    form = CourtesyForm(most=settings.courtesy_days)
    if form.accepted():
        try:
            vrm = possible_mark(form.registration.data)
            car = lend(account, permit_id=permit_id, vrm=vrm, first_on=form.first_on, days=int(form.days.data))
        except Refused as no:
            form.refuse(no.sentence, "registration")
        else:
            notify_next(_("%(car)s may park with this permit.", car=shown(car.vrm)))
            return redirect(url_for(".permit_courtesy", permit_id=permit_id))
    return render(
        "permits/permit_courtesy.html",
        form=form,
        permit=permit,
        car=shown(permit.vrm),
        lent=courtesy_cars_to_come(permit, clock.today()),
        shown=shown,
        most=settings.courtesy_days,
        a_year=settings.courtesy_days_a_year,
        today=clock.today(),
    )


@bp.post("/<uuid:permit_id>/courtesy-car/<uuid:car_id>/back")
@commits
def permit_courtesy_back(permit_id: UUID, car_id: UUID) -> ResponseReturnValue:
    """The permit's own car is back."""
    return_car(current_account(), permit_id=permit_id, car_id=car_id)
    notify_next(_("Your own car has the permit again."))
    return redirect(url_for(".permit_courtesy", permit_id=permit_id))


def _begin(permit_id: UUID, journey: Journey) -> ResponseReturnValue:
    account, form = current_account(), Form()
    permit = get_own_permit(account, permit_id)
    (check_movable if journey is Journey.ADDRESS else check_has_car)(permit)
    if form.accepted():
        try:
            return redirect(onward_from(begin_change(account, journey, permit_id=permit_id)))
        except Refused as no:
            form.refuse(no.sentence)
    return render(
        f"permits/permit_{journey}.html",
        form=form,
        permit=permit,
        car=shown(permit.vrm),
        rules=_rules(permit),
        renewal=find_renewal(permit),
        is_running=permit.status == "active" and permit.last_on >= clock.today(),
    )


def _rules(permit: Permit) -> tuple[Lazy, ...]:
    """What a change costs, by the prices by which the permit was bought."""
    if permit.tariff_id is None:
        return ()
    return change_said(get_used_tariff(permit.tariff_id).change_rule(permit.kind))
