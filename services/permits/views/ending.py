"""End a permit early, with what comes back; or take an application back that was not paid for."""

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Form, Refused, commits, current_account, money, notify_next, render
from portal.kit import gettext as _
from services.permits.forms.changes import EndForm
from services.permits.operations.changing import find_renewal
from services.permits.operations.ending import end_permit, refund_of_ending, take_back
from services.permits.queries.permits import get_own_permit, net_paid
from services.permits.queries.tariffs import get_used_tariff
from services.permits.rules.permits import Permit
from services.permits.rules.registrations import shown
from services.permits.views.blueprint import bp
from services.permits.workflow import TITLES

MOVED = "moved"


@bp.route("/<uuid:permit_id>/end", methods=["GET", "POST"])
@commits
def permit_end(permit_id: UUID) -> ResponseReturnValue:
    """What comes back, worked out; the button ends it today. `?why=moved`: for who no longer lives there."""
    account, form = current_account(), EndForm()
    permit = get_own_permit(account, permit_id)
    back = refund_of_ending(permit)
    moved = request.args.get("why") == MOVED
    if form.accepted():
        try:
            end_permit(account, permit_id=permit_id, reason="moved_away" if moved else "asked_to_end")
        except Refused as no:
            form.refuse(no.sentence, "sure")
        else:
            sent = _("We send %(amount)s back to the card that you paid with.", amount=money(back.pence))
            notify_next(_("Your permit has ended.") + (f" {sent}" if back.pence else ""))
            return redirect(url_for(".permit", permit_id=permit_id))
    return render(
        "permits/permit_end.html",
        form=form,
        permit=permit,
        title=TITLES[permit.kind],
        car=shown(permit.vrm),
        back=back,
        within=_promised(permit),
        paid=net_paid(permit),
        moved=moved,
        renewal=find_renewal(permit),
    )


def _promised(permit: Permit) -> int | None:
    """Within how many days the council says that money comes back."""
    return get_used_tariff(permit.tariff_id).refund_rule(permit.kind).paid_within_days if permit.tariff_id else None


@bp.route("/<uuid:permit_id>/take-back", methods=["GET", "POST"])
@commits
def permit_take_back(permit_id: UUID) -> ResponseReturnValue:
    """Take back what was not decided or not paid for, once somebody has said so a second time."""
    account, form = current_account(), Form()
    permit = get_own_permit(account, permit_id)
    if form.accepted():
        try:
            take_back(account, permit_id=permit_id)
        except Refused as no:
            form.refuse(no.sentence)
        else:
            notify_next(_("You have taken this application back. You pay nothing."))
            return redirect(url_for(".permit", permit_id=permit_id))
    return render("permits/permit_take_back.html", form=form, permit=permit)
