"""A permit: its page, the same as a PDF, the confirmation after an application, and paying for it."""

from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Account,
    case_path,
    clock,
    code_picture,
    commits,
    current_account,
    pay_path,
    payments_for,
    pdf_answer,
    render,
    warn_next,
)
from portal.kit import gettext as _
from services.permits.operations.applications import to_basket
from services.permits.operations.changing import find_renewal, left_behind, renewable_from
from services.permits.queries.courtesy import car_of, car_on, courtesy_cars_to_come
from services.permits.queries.permits import get_own_permit, get_permit, manages
from services.permits.queries.zones import get_zone
from services.permits.rules.permits import MOVABLE, Permit
from services.permits.rules.reasons import in_words
from services.permits.rules.registrations import shown
from services.permits.rules.status_words import words_of
from services.permits.views.blueprint import bp
from services.permits.views.permit_paper import code_words, permit_paper, permit_rows
from services.permits.workflow import SERVICE, TITLES


@bp.get("/<uuid:permit_id>")
def permit(permit_id: UUID) -> ResponseReturnValue:
    """What it is, where it stands, and what its holder can do about it."""
    account = current_account()
    found = get_permit(account, permit_id)
    today = clock.today()
    lent = courtesy_cars_to_come(found, today)
    parks = car_of(found, lent, today)
    renewal = find_renewal(found) if found.active_at and found.status in ("active", "cancelled") else None
    return render(
        "permits/permit.html",
        permit=found,
        title=TITLES[found.kind],
        car=shown(found.vrm),
        status=words_of(found, today),
        rows=permit_rows(found, get_zone(found.zone), parks),
        reason=in_words(found.reason),
        acts=_acts(account, found),
        parks=shown(parks) if parks != found.vrm else "",
        is_valid=found.is_valid_on(today),
        is_running=found.status == "active" and found.last_on >= today,
        renewable=found.kind != "temporary" and renewable_from(found),
        renewal=renewal,
        behind=left_behind(found, renewal),
        movable=found.kind in MOVABLE,
        lent=lent,
        shown=shown,
        case_page=case_path(found.reference) if found.account_id == account.id else "",
        paid=payments_for(account, SERVICE, str(found.id)),
        code=code_picture(_address(found)),
        code_words=code_words(),
        back=url_for(".business", business_id=found.business_id) if found.business_id else url_for(".index"),
    )


@bp.get("/<uuid:permit_id>/pdf")
def permit_pdf(permit_id: UUID) -> ResponseReturnValue:
    """The permit to keep or to print."""
    found = get_permit(current_account(), permit_id)
    paper = permit_paper(found, get_zone(found.zone), car_on(found, clock.today()), _address(found))
    return pdf_answer(paper, filename=f"parking-permit-{found.reference}")


@bp.get("/<uuid:permit_id>/sent")
def permit_sent(permit_id: UUID) -> ResponseReturnValue:
    """The confirmation of an application or a change, to come back to: it says how things stand now."""
    account = current_account()
    found = get_permit(account, permit_id)
    return render(
        "permits/permit_sent.html",
        permit=found,
        behind=left_behind(found, find_renewal(found)) if found.status == "active" else None,
        shown=shown,
        reason=in_words(found.reason),
        case_page=case_path(found.reference) if found.account_id == account.id else "",
        acts=_acts(account, found),
    )


@bp.post("/<uuid:permit_id>/pay")
@commits
def permit_pay(permit_id: UUID) -> ResponseReturnValue:
    """Into the basket, and on to it."""
    account = current_account()
    found = get_own_permit(account, permit_id)
    if found.status != "to_pay":
        warn_next(_("There is nothing to pay for this permit."))
        return redirect(url_for(".permit", permit_id=permit_id))
    to_basket(account, found)
    return redirect(pay_path())


def _acts(account: Account, found: Permit) -> bool:
    """Whether they may change it, and not only see it."""
    return found.business_id is None or manages(account, found.business_id)


def _address(found: Permit) -> str:

    return url_for(".permit", permit_id=found.id, _external=True)
