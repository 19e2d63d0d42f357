"""Hear of new reports around a place or in a ward: set it, see what is set, stop it."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Refused,
    TooMany,
    Unavailable,
    commits,
    current_account,
    current_account_or_none,
    notify_next,
    public,
    render,
    settings_of,
)
from portal.kit import gettext as _
from services.reporting.forms.public import DISTANCES, AlertForm, ButtonForm, MailedAlertForm
from services.reporting.operations import alerting
from services.reporting.queries.alerts import alerts_of
from services.reporting.rules.categories import find_category, title_of
from services.reporting.rules.wanted import Circle, WantedAlert
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.blueprint import bp
from services.reporting.views.public import place_of_postcode
from services.reporting.views.public_words import GROUP, ward_title


@bp.get("/alerts")
def alerts() -> ResponseReturnValue:
    """The alerts of a resident."""
    found = alerts_of(current_account())
    return render(
        "reporting/alerts.html", alerts=[(each.id, in_words(each.wanted)) for each in found], form=ButtonForm()
    )


@bp.route("/alerts/new", methods=["GET", "POST"])
@public
@commits
def new_alert() -> ResponseReturnValue:
    """Set one: with an account at once, without one by a letter that asks whether the address is right."""
    account, wards = current_account_or_none(), settings_of(ReportingSettings).wards
    begun = _begun()
    form = AlertForm(wards, begun) if account else MailedAlertForm(wards, begun)
    if form.accepted():
        try:
            wanted = _wanted(form)
            if account is not None:
                alerting.set_alert(account, wanted)
            elif isinstance(form, MailedAlertForm):
                asked_from = request.remote_addr or ""
                alerting.ask_by_email(wanted, email=str(form.email.data), come_from=asked_from)
        except _WrongField as error:
            form.refuse(error.sentence, error.field)
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "where")
        else:
            return _set(signed_in=account is not None)
    every = request.args.get("category", "").startswith(GROUP)
    elsewhere = settings_of(ReportingSettings).other_councils_url
    shown = {"form": form, "signed_in": account is not None, "every": every, "other_councils_url": elsewhere}
    return render("reporting/alert_new.html", **shown)


def _begun() -> Mapping[str, str]:
    """What the list or map was narrowed to, from which one comes; the ward before a postcode."""
    given = request.args
    near, metres = given.get("near", ""), given.get("metres", "")
    where = "ward" if given.get("ward") else "near" if near else ""
    begun = {"where": where, "postcode": near, "metres": metres if metres in dict(DISTANCES) else "500"}
    return begun | {"ward": given.get("ward", ""), "category": given.get("category", "")}


@bp.post("/alerts/<uuid:alert_id>/stop")
@commits
def stop_alert(alert_id: UUID) -> ResponseReturnValue:
    """Stop one of a resident's own."""
    alerting.stop_alert(current_account(), alert_id=alert_id)
    notify_next(_("The alert has been stopped."))
    return redirect(url_for(".alerts"))


@bp.route("/alerts/letters/<token>", methods=["GET", "POST"])
@public
@commits
def alert_by_letter(token: str) -> ResponseReturnValue:
    """Where letters about an alert lead: one button begins it, the other ends it. Opening the page does neither."""
    wanted, confirmed = alerting.get_by_letter(token)
    form = ButtonForm()
    if form.accepted() and "stop" in request.form:
        alerting.end(token)
        notify_next(_("The alert has been stopped. We have deleted your address."))
        return redirect(url_for(".public_list"))
    if form.accepted():
        alerting.confirm(token)
        notify_next(_("The alert is set. You get a letter in the morning when there is something new."))
        return redirect(url_for(".alert_by_letter", token=token))
    return render("reporting/alert_letter.html", form=form, words=in_words(wanted), confirmed=confirmed)


def in_words(wanted: WantedAlert) -> str:
    """What an alert is about."""
    what = title_of(wanted.category) if wanted.category else _("All problems")
    if wanted.circle is None:
        return _("%(what)s in the ward %(ward)s", what=what, ward=ward_title(wanted.ward))
    return _("%(what)s within %(n)s metres of %(place)s", what=what, n=wanted.circle.metres, place=wanted.called)


class _WrongField(Exception):
    """An answer that was not asked for until another was given."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def _wanted(form: AlertForm) -> WantedAlert:
    """What the form asks for. Raises _WrongField; Refused, TooMany, Unavailable for the postcode."""
    code = str(form.category.data or "")
    category = code if find_category(code) else ""
    if form.where.data == "ward":
        if not form.ward.data:
            raise _WrongField("ward", _("Choose a ward"))
        called = ward_title(str(form.ward.data))
        return WantedAlert(called=called, ward=str(form.ward.data), category=category)
    if not form.postcode.data:
        raise _WrongField("postcode", _("Enter a postcode"))
    try:
        point = place_of_postcode(str(form.postcode.data))
    except Refused as error:
        raise _WrongField("postcode", error.sentence) from None
    around = Circle(point.lat, point.lon, int(form.metres.data or 500))
    return replace(WantedAlert(called=str(form.postcode.data), circle=around), category=category)


def _set(*, signed_in: bool) -> ResponseReturnValue:
    if signed_in:
        notify_next(_("The alert is set. You hear of new reports in the morning."))
        return redirect(url_for(".alerts"))
    notify_next(_("We have sent you a letter. Open the link in it to set the alert."))
    return redirect(url_for(".public_list"))
