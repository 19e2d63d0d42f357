"""Visitor parking, made for a phone: what is left, which cars are there, start, stop, stay longer, buy, give back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    NotFound,
    Refused,
    TooMany,
    commits,
    current_account,
    format_datetime,
    money,
    notify_next,
    pay_path,
    render,
    warn_next,
)
from portal.kit import gettext as _
from services.permits.forms.visits import GiveBackForm, HoursForm, StartForm
from services.permits.operations.visit_hours import choose_hours, give_back_hours
from services.permits.operations.visits import lengthen_visit, start_visit, stop_visit
from services.permits.queries import visits
from services.permits.queries.visit_purchases import Back, back_for
from services.permits.queries.visits import Visit
from services.permits.rules.registrations import shown
from services.permits.rules.visit_prices import time_said
from services.permits.views.blueprint import bp


@bp.route("/visitors", methods=["GET", "POST"])
@commits
def visitors() -> ResponseReturnValue:
    """All on one page, and the form that starts a car."""
    account = current_account()
    found = visits.visiting_of(account)
    if not found:
        return render("permits/visitors_none.html")
    chosen = _chosen(found)
    form = StartForm(visits.stays_for(chosen), registration=request.args.get("car", ""), hours="1")
    if form.accepted():
        try:
            visit = start_visit(
                account,
                registration=form.registration.data,
                hours=int(form.hours.data),
                key=_key(),
                zone=chosen.zone,
            )
            notify_next(_("%(car)s may park until %(until)s.", car=visit.car, until=_until(visit)))
            return redirect(url_for(".visitors", zone=request.args.get("zone")))
        except (Refused, TooMany) as error:
            form.refuse(error.sentence, "registration")
    there, lately = visits.cars_there(chosen.balance_id), visits.visits_lately(chosen.balance_id)
    return render(
        "permits/visitors.html",
        form=form,
        key=request.form.get("key") or uuid4(),
        time_said=time_said,
        visiting=chosen,
        others=[each for each in found if each.zone != chosen.zone],
        there=there,
        before=[(vrm, shown(vrm)) for vrm in visits.cars_before(lately)],
        lately=[each for each in lately if not each.is_there],
    )


@bp.post("/visitors/visits/<uuid:visit_id>/stop")
@commits
def visit_stop(visit_id: UUID) -> ResponseReturnValue:
    """Let a car park no longer."""
    visit = stop_visit(current_account(), visit_id=visit_id)
    notify_next(_("%(car)s has stopped. It may not park there any more.", car=visit.car))
    return redirect(url_for(".visitors", zone=visit.zone))


@bp.post("/visitors/visits/<uuid:visit_id>/longer")
@commits
def visit_longer(visit_id: UUID) -> ResponseReturnValue:
    """Let a car stay for an hour more than the page showed."""
    account = current_account()
    before = visits.get_visit(account, visit_id)
    try:
        visit = lengthen_visit(account, visit_id=visit_id, ends_at=_shown_end())
        notify_next(_("%(car)s may park until %(until)s.", car=visit.car, until=_until(visit)))
    except Refused as error:
        warn_next(error.sentence)
    return redirect(url_for(".visitors", zone=before.zone))


@bp.route("/visitors/hours", methods=["GET", "POST"])
@commits
def visitor_hours() -> ResponseReturnValue:
    """Buy hours: into the basket, and on to it."""
    account = current_account()
    visiting = visits.get_visiting(account, request.args.get("zone", ""))
    form = HoursForm(visits.offers_for(visiting))
    if form.accepted():
        try:
            choose_hours(account, hours=int(form.hours.data), zone=visiting.zone)
            return redirect(pay_path())
        except Refused as error:
            form.refuse(error.sentence, "hours")
    return render("permits/visitor_hours.html", form=form, visiting=visiting, time_said=time_said)


@bp.route("/visitors/give-back", methods=["GET", "POST"])
@commits
def visitor_give_back() -> ResponseReturnValue:
    """Get the money back for hours that were not used, once the resident has said so a second time."""
    account = current_account()
    visiting = visits.get_visiting(account, request.args.get("zone", ""))
    form = GiveBackForm()
    back, problem = _back(visiting)
    if back and form.accepted():
        try:
            pence = give_back_hours(account, zone=visiting.zone, minutes=_shown_minutes())
            notify_next(_("We send %(amount)s back to the card that you paid with.", amount=money(pence)))
            return redirect(url_for(".visitors", zone=visiting.zone))
        except Refused as error:
            form.refuse(error.sentence, "sure")
    return render(
        "permits/visitor_give_back.html", form=form, visiting=visiting, back=back, problem=problem, time_said=time_said
    )


def _back(visiting: visits.Visiting) -> tuple[Back | None, str]:
    """What comes back for the hours that are left, or why nothing does."""
    try:
        return (back_for(visiting), "") if visiting.minutes else (None, "")
    except Refused as no:
        return None, no.sentence


def _chosen(found: Sequence[visits.Visiting]) -> visits.Visiting:
    """The zone that the address names, or the first. Raises NotFound for a zone in which they have nothing."""
    zone = request.args.get("zone", "")
    chosen = next((each for each in found if zone in ("", each.zone)), None)
    if chosen is None:
        raise NotFound(_("You have no visitor parking in this zone."))
    return chosen


def _key() -> UUID:
    """The key of the page; a new one where somebody sent none that can be read."""
    try:
        return UUID(request.form.get("key", ""))
    except ValueError:
        return uuid4()


def _shown_end() -> datetime:
    """The end that the page showed. Raises Refused where it cannot be read: whatever took its place would take an hour
    each time."""
    try:
        shown_end = datetime.fromisoformat(request.form.get("ends_at", ""))
    except ValueError:
        shown_end = None
    if shown_end is None or shown_end.tzinfo is None:
        raise Refused(_("What is left has changed since. Look again, then decide."))
    return shown_end


def _shown_minutes() -> int:
    """The minutes that the page showed to be left; 0, which is refused, where none were sent."""
    sent = request.form.get("minutes", "")
    return int(sent[:9]) if sent.isascii() and sent.isdigit() else 0


def _until(visit: Visit) -> str:
    return format_datetime(visit.ends_at)
