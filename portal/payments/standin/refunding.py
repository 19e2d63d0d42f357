"""Refunds, as callers of the API ask for, read and find them."""

from datetime import timedelta

from flask import Blueprint, Response, jsonify, make_response, request
from sqlalchemy import bindparam, select

from portal import clock
from portal.payments.standin import journey
from portal.payments.standin.asked import refund_asked, search_asked
from portal.payments.standin.faults import Fault, not_found
from portal.payments.standin.finding import page_of
from portal.payments.standin.paying import find
from portal.payments.standin.place import place, told
from portal.payments.standin.store import refund
from portal.payments.standin.telling import available, refund_status, refund_told

bp = Blueprint("pay_refunds", __name__, url_prefix="/v1")
_OF_ONE = (
    select(refund)
    .where(refund.c.payment_id == bindparam("id"), refund.c.created_at <= bindparam("until"))
    .order_by(refund.c.number)
)
_ONE = select(refund).where(refund.c.id == bindparam("id"), refund.c.payment_id == bindparam("payment"))


@bp.post("/payments/<payment_id>/refunds")
def give_back(payment_id: str) -> Response:
    """Give money back."""
    amount, believed = refund_asked(request.get_json(force=True, silent=True))
    with place().store.work() as db:
        row = journey.lock(db, payment_id)
        if row is None:
            raise not_found("P0600")
        if refund_status(row) != "available":
            raise _not_available(refund_status(row))
        if believed != available(row):
            raise Fault(412, "P0604", "Refund amount available mismatch.")
        if amount > available(row):
            raise _not_available("amount_not_available")
        made = journey.give_back(db, row, amount, told())
        return make_response(jsonify(refund_told(made, place().address, named=False)), 202)


@bp.get("/payments/<payment_id>/refunds")
def of_one(payment_id: str) -> Response:
    """The refunds of a payment."""
    with place().store.work() as db:
        row = find(db, payment_id, "P0800")
        had = db.execute(_OF_ONE, {"id": row.id, "until": clock.now() - _lag()}).all()
        at = f"{place().address}/v1/payments/{row.id}"
        links = {name: {"href": href, "method": "GET"} for name, href in (("self", f"{at}/refunds"), ("payment", at))}
        refunds = [refund_told(each, place().address) for each in had]
        return jsonify(payment_id=row.id, _links=links, _embedded={"refunds": refunds})


@bp.get("/payments/<payment_id>/refunds/<refund_id>")
def read(payment_id: str, refund_id: str) -> Response:
    """One refund."""
    with place().store.work() as db:
        found = db.execute(_ONE, {"id": refund_id, "payment": payment_id}).one_or_none()
        if found is None:
            raise not_found("P0700")
        return jsonify(refund_told(found, place().address))


@bp.get("/refunds")
def search() -> Response:
    """Find refunds, newest first."""
    asked = search_asked(request.args, "P1101", {})
    query = select(refund).where(refund.c.created_at <= clock.now() - _lag())
    if asked.texts:
        query = query.where(refund.c.id.is_(None))  # by settlement, which no refund comes to here
    with place().store.work() as db:
        return jsonify(page_of(db, query, refund, asked, "P1100", lambda row: refund_told(row, place().address)))


def _lag() -> timedelta:
    return timedelta(seconds=told().lag_seconds)


def _not_available(why: str) -> Fault:
    return Fault(400, "P0603", f"The payment is not available for refund. Payment refund status: {why}")
