"""Payments, as callers of the API make, read, find, cancel and capture them."""

from datetime import date, timedelta
from typing import Any, Final

from flask import Blueprint, Response, jsonify, make_response, request
from sqlalchemy import Connection, Select, bindparam, func, insert, select, text
from sqlalchemy.engine import Row

from portal import clock
from portal.payments.standin import journey
from portal.payments.standin.asked import (
    STATES,
    Search,
    key_asked,
    no_longer_than,
    only_digits,
    payment_asked,
    search_asked,
)
from portal.payments.standin.faults import Fault, not_found
from portal.payments.standin.finding import page_of
from portal.payments.standin.place import place, told
from portal.payments.standin.store import AnyRow, event, key, payment
from portal.payments.standin.telling import TO_DO, Json, event_told, payment_told

bp = Blueprint("pay_payments", __name__, url_prefix="/v1/payments")

CRITERIA: Final = {
    "reference": no_longer_than(255),
    "email": no_longer_than(254),
    "state": lambda value: value in STATES,
    "card_brand": no_longer_than(20),
    "cardholder_name": no_longer_than(255),
    "first_digits_card_number": only_digits(6),
    "last_digits_card_number": only_digits(4),
    "agreement_id": no_longer_than(26),
}
OF_CARD: Final = ("cardholder_name", "first_digits_card_number", "last_digits_card_number")
_FOUND = select(payment).where(payment.c.id == bindparam("id"))
_EVENTS = select(event).where(event.c.payment_id == bindparam("id")).order_by(event.c.id)
_LOCK_KEY = text("select pg_advisory_xact_lock(hashtextextended(:key, 3))")
_KEPT_KEY = select(key).where(key.c.value == bindparam("key"), key.c.at > bindparam("since"))
KEY_LASTS: Final = timedelta(hours=24)


@bp.post("")
def create() -> Response:
    """Make a payment."""
    given = key_asked(request.headers.get("Idempotency-Key"))
    sent = request.get_json(force=True, silent=True)
    asked = payment_asked(sent)
    with place().store.work() as db:
        if given and told().keys == "heeded" and (before := _made_before(db, given, sent)) is not None:
            return jsonify(_with_way_on(db, before))
        made = journey.begin(db, asked, told())
        if given and told().keys == "heeded":
            db.execute(insert(key), {"value": given, "payment_id": made.id, "asked": sent, "at": clock.now()})
        return make_response(jsonify(_with_way_on(db, made)), 201)


@bp.get("")
def search() -> Response:
    """Find payments, newest first."""
    asked = search_asked(request.args, "P0401", CRITERIA)
    with place().store.work() as db:
        return jsonify(page_of(db, _sought(asked), payment, asked, "P0402", lambda row: payment_told(row, _at())))


@bp.get("/<payment_id>")
def read(payment_id: str) -> Response:
    """One payment, with a new way on for its payer."""
    with place().store.work() as db:
        return jsonify(_with_way_on(db, find(db, payment_id, "P0200")))


@bp.get("/<payment_id>/events")
def events(payment_id: str) -> Response:
    """What happened to a payment."""
    with place().store.work() as db:
        row = find(db, payment_id, "P0300")
        told_ = [event_told(each, _at()) for each in db.execute(_EVENTS, {"id": row.id})]
        links = {"self": {"href": f"{_at()}/v1/payments/{row.id}/events", "method": "GET"}}
        return jsonify(payment_id=row.id, events=told_, _links=links)


@bp.post("/<payment_id>/cancel")
def cancel(payment_id: str) -> Response:
    """Call a payment off."""
    with place().store.work() as db:
        row = journey.lock(db, payment_id)
        if row is None:
            raise not_found("P0500")
        if not journey.cancel(db, row, told()):
            raise Fault(400, "P0501", "Cancellation of payment failed")
    return Response(status=204)


@bp.post("/<payment_id>/capture")
def capture(payment_id: str) -> Response:
    """Take the money of a payment that waits for it."""
    with place().store.work() as db:
        row = journey.lock(db, payment_id)
        if row is None:
            raise not_found("P1000")
        if row.status != "capturable":
            raise Fault(409, "P1003", "Payment cannot be captured")
        journey.take(db, row, told())
    return Response(status=204)


def find(db: Connection, payment_id: str, code: str) -> AnyRow:
    """A payment. Raises Fault with `code`."""
    found = db.execute(_FOUND, {"id": payment_id}).one_or_none()
    if found is None:
        raise not_found(code)
    return found


def _with_way_on(db: Connection, row: AnyRow) -> Json:
    token = journey.new_token(db, row.id) if row.status in TO_DO else ""
    return payment_told(row, _at(), next_token=token)


def _made_before(db: Connection, given: str, sent: Any) -> Row[Any] | None:  # JSON; a payment
    db.execute(_LOCK_KEY, {"key": given})
    before = db.execute(_KEPT_KEY, {"key": given, "since": clock.now() - KEY_LASTS}).one_or_none()
    if before is None:
        return None
    if before.asked != sent:
        why = "The `Idempotency-Key` you sent in the request header has already been used to create a payment."
        raise Fault(409, "P0191", why)
    return find(db, before.payment_id, "P0200")


def _sought(asked: Search) -> Select[Any]:  # of payments
    query = select(payment).where(payment.c.created_at <= clock.now() - timedelta(seconds=told().lag_seconds))
    for name, value in asked.texts.items():
        query = query.where(_criterion(name, value))
    return query


def _criterion(name: str, value: str) -> Any:  # what SQLAlchemy calls a column expression
    if name == "reference":
        return func.lower(payment.c.reference) == value.lower()
    if name == "email":
        return func.lower(payment.c.email).contains(value.lower(), autoescape=True)
    if name == "state":
        return payment.c.status == value
    if name == "card_brand":
        return func.replace(func.lower(payment.c.card["card_brand"].astext), " ", "-") == value
    if name in OF_CARD:
        return func.lower(payment.c.card[name].astext) == value.lower()
    if name == "from_settled_date":
        return payment.c.settled_on >= date.fromisoformat(value)
    if name == "to_settled_date":
        return payment.c.settled_on < date.fromisoformat(value)
    return payment.c.id.is_(None)  # no agreements here


def _at() -> str:
    return place().address
