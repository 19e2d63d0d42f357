"""The page on which somebody says what becomes of payments, webhooks and refunds, and its twin for programs."""

from collections.abc import Callable, Mapping
from typing import Final

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlalchemy import Connection, func, select

from portal.payments.standin import journey
from portal.payments.standin.behaviour import Behaviour
from portal.payments.standin.cards import Card
from portal.payments.standin.place import how, place, tell, told
from portal.payments.standin.store import AnyRow, payment, refund
from portal.standins.panel import StandinPanel
from portal.web.money import money

bp = StandinPanel("pay_panel", __name__)

SHOWN: Final = 50
A_CARD: Final = Card("424242", "4242", "Visa", "credit", "12/99", "Somebody at the panel")
_NEWEST = select(payment).order_by(payment.c.created_at.desc(), payment.c.number.desc()).limit(SHOWN)
_PAID = select(func.count(), func.coalesce(func.sum(payment.c.amount), 0)).where(payment.c.status == "success")
_ALL = select(func.count()).select_from(payment)
_REFUNDED = select(func.coalesce(func.sum(refund.c.amount), 0)).where(refund.c.status != "error")


def _pay(db: Connection, row: AnyRow, how_: Behaviour) -> None:
    """All that a payer does, or a success that comes late."""
    journey.submit(db, row, A_CARD, "success", how_)
    journey.take(db, _again(db, row), how_)


def _decline(db: Connection, row: AnyRow, how_: Behaviour) -> None:
    journey.submit(db, row, A_CARD, "declined", how_)


FATES: Final[Mapping[str, Callable[[Connection, AnyRow, Behaviour], None]]] = {
    "success": _pay,
    "declined": _decline,
    "cancelled": journey.leave,
    "expired": journey.expire,
    "settled": journey.settle,
}


@bp.get("/")
def panel() -> str:
    """How it behaves, and the latest payments."""
    with place().store.work() as db:
        rows = db.execute(_NEWEST).all()
        return render_template("pay_standin/panel.html", told=how(db), payments=rows, money=money)


@bp.post("/")
def change_behaviour() -> ResponseReturnValue:
    """What was chosen on the page. What it does not offer stays as it was."""
    chosen = {"late_success": False} | {name: value for name, value in request.form.items() if value != ""}
    try:
        with place().store.work() as db:
            tell(db, Behaviour.model_validate(how(db).model_dump() | chosen))
    except ValidationError:
        return make_response("Go back and choose from what the page offers.", 422)
    return redirect(url_for(".panel"), 303)


@bp.post("/fates")
def choose_fate() -> ResponseReturnValue:
    """What becomes of a payment, from the page."""
    if not _befall(request.form.get("id", ""), request.form.get("fate", "")):
        return make_response("Go back and choose from what the page offers.", 422)
    return redirect(url_for(".panel"), 303)


@bp.put("/control/payments/<payment_id>")
def control_payment(payment_id: str) -> Response:
    """What becomes of a payment, for programs: `{"fate": "success"}`, declined, cancelled, expired or settled."""
    sent = request.get_json(silent=True)  # None unless it is sent as JSON
    if not isinstance(sent, dict) or not _befall(payment_id, str(sent.get("fate"))):
        return Response(status=400)
    return Response(status=204)


@bp.get("/control/sums")
def sums() -> Response:
    """What was made, taken and given back in all, in pence: for those who prove that nothing is lost."""
    with place().store.work() as db:
        made = db.execute(_ALL).scalar_one()
        paid, taken = db.execute(_PAID).one()
        return jsonify(payments=made, paid=paid, taken=int(taken), refunded=int(db.execute(_REFUNDED).scalar_one()))


def _befall(payment_id: str, fate: str) -> bool:
    with place().store.work() as db:
        row = journey.lock(db, payment_id)
        if row is None or fate not in FATES:
            return False
        FATES[fate](db, row, told())
    return True


def _again(db: Connection, row: AnyRow) -> AnyRow:
    found = journey.lock(db, row.id)
    assert found is not None, "this transaction holds it"
    return found


def _tell(what: Behaviour) -> None:
    with place().store.work() as db:
        tell(db, what)


bp.control(Behaviour, _tell)
