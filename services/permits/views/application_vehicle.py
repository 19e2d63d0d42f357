"""Which vehicle the permit is for: its registration, what DVLA says of it, or what the log book says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import redirect
from flask.typing import ResponseReturnValue

from portal.kit import Refused, clock, current_account
from services.permits.forms.applications import RegistrationForm, ThisVehicleForm, V5cForm
from services.permits.forms.calculator import prefilled
from services.permits.operations.applications import told_vehicle
from services.permits.queries.applications import permit_id_of
from services.permits.queries.permits import get_own_permit
from services.permits.queries.tariffs import get_used_tariff, tariff_on
from services.permits.rules.application_answers import vehicle_of
from services.permits.rules.application_steps import Journey, Step, is_answered
from services.permits.rules.price_models import Question
from services.permits.rules.registrations import shown
from services.permits.rules.tariff import Tariff
from services.permits.rules.vehicles import Vehicle, vehicle_data, vehicle_from
from services.permits.rules.wanted import wanted
from services.permits.views.application_pages import Applying, go_on, page_of, question, show
from services.permits.views.vehicle_rows import vehicle_rows


@question(Step.REGISTRATION)
def registration(applying: Applying) -> ResponseReturnValue:
    """The registration, by which DVLA is asked."""
    said = applying.answers.get(Step.REGISTRATION)
    form = RegistrationForm(_typed(said) if said else None)
    if form.accepted():
        try:
            told = told_vehicle(current_account(), registration=form.registration.data, abroad=bool(form.abroad.data))
        except Refused as no:
            form.refuse(no.sentence, "registration")
        else:
            return go_on(applying, Step.REGISTRATION, **told)
    return show(applying, Step.REGISTRATION, form, heading=form.registration.text)


def _typed(said: Mapping[str, Any]) -> Mapping[str, Any]:  # plain JSON
    """What was answered before."""
    return {"registration": shown(said["registration"]), "abroad": said["abroad"]}


@question(Step.VEHICLE)
def vehicle(applying: Applying) -> ResponseReturnValue:
    """Whether it is the one that DVLA means; or its facts, where DVLA does not say them."""
    told = applying.answers[Step.REGISTRATION]
    if told["asked"] == "found":
        return _this_one(applying, vehicle_from(told["facts"]), abroad=told["abroad"])
    return _from_log_book(applying, told["registration"], told["asked"], abroad=told["abroad"])


def _this_one(applying: Applying, found: Vehicle, *, abroad: bool) -> ResponseReturnValue:
    form = ThisVehicleForm({"right": "yes"} if is_answered(Step.VEHICLE, applying.asking) else None)
    if abroad:
        form.may_be_foreign()
    if form.accepted():
        if form.right.data == "no" and abroad:  # two countries gave the same mark out: its papers count
            told = {"registration": found.registration, "abroad": True, "asked": "unknown"}
            return go_on(applying, Step.REGISTRATION, **told)
        if form.right.data == "no":
            return redirect(page_of(Step.REGISTRATION, applying.draft.id))
        return _keep(applying, found)
    return show(applying, Step.VEHICLE, form, "vehicle", rows=vehicle_rows(found))


def _from_log_book(applying: Applying, mark: str, asked: str, *, abroad: bool) -> ResponseReturnValue:
    tariff, kind = _tariff(applying), applying.asking.kind
    known = vehicle_of(applying.answers) if is_answered(Step.VEHICLE, applying.asking) else Vehicle()
    prices = tariff.prices(kind)
    form = V5cForm(prefilled(Question(kind, prices.lengths[0], known), looked_up=False))
    form.only_vehicle(tariff, wanted(tariff, kind))
    if form.accepted():
        return _keep(applying, replace(form.question(tariff, kind).vehicle, registration=mark, abroad=abroad))
    return show(applying, Step.VEHICLE, form, "log_book", mark=shown(mark), asked=asked, abroad=abroad)


def _keep(applying: Applying, told: Vehicle) -> ResponseReturnValue:
    facts = vehicle_data(told) | {"source": told.source}
    return go_on(applying, Step.VEHICLE, registration=told.registration, facts=facts)


def _tariff(applying: Applying) -> Tariff:
    """The prices that count: of the day, or those by which the permit was bought that is changed."""
    if applying.asking.journey is not Journey.FIRST:
        permit = get_own_permit(current_account(), permit_id_of(applying.draft))
        if permit.tariff_id is not None:
            return get_used_tariff(permit.tariff_id)
    return tariff_on(clock.today())
