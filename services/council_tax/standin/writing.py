"""What the stand-in is asked to do: changes, payments, letters, matches. Each write is done once for its key."""

from datetime import date
from typing import Annotated, TypeVar

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import insert, select, text

from services.council_tax.backoffice.changes import Change
from services.council_tax.backoffice.values import PaymentAnswer, PostAddress
from services.council_tax.rules.years import year_of
from services.council_tax.standin import deciding, keeping, ledger, recognising, records
from services.council_tax.standin.faults import key_used, nothing_there, unfit
from services.council_tax.standin.place import now, place, today, told
from services.council_tax.standin.reading import answer, asker
from services.council_tax.standin.store import account, payment

bp = Blueprint("council_tax_writing", __name__, url_prefix="/v1")
MOST = 10_000_000
"""Pence: no council tax payment is £100,000, so one is a mistake."""
_LOCK_KEY = text("select pg_advisory_xact_lock(hashtextextended(:key, 2))")


class Sent(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ChangeRequest(Sent):
    """A change that is asked for."""

    reference: Annotated[str, Field(pattern=r"^([0-9]{8,12})?$")]
    change: Change


class PaymentRequest(Sent):
    """A payment that was taken elsewhere."""

    pence: Annotated[int, Field(ge=1, le=MOST)]
    paid_on: date


class MatchRequest(Sent):
    """What somebody says of a record."""

    reference: Annotated[str, Field(max_length=40)]
    name: Annotated[str, Field(max_length=200)]
    postcode: Annotated[str, Field(max_length=20)]
    facts: dict[str, Annotated[str, Field(max_length=100)]]


S = TypeVar("S", bound=Sent)


@bp.post("/changes")
def ask() -> Response:
    """Ask for a change."""
    sent, key, person = _sent(ChangeRequest), _key(), request.headers.get("X-Person", "")
    if sent.reference and not person:
        raise unfit("Say who asks: X-Person.")
    with place().store.work() as db:
        if sent.reference:
            keeping.up_to_date(db, person, sent.reference, told=told(), today=today(), now=now(), lock=True)
        said = deciding.ask(
            db,
            key=key,
            person_id=person,
            reference=sent.reference,
            asked=sent.change,
            today=today(),
            now=now(),
        )
        return answer(said)


@bp.post("/accounts/<reference>/payments")
def pay(reference: str) -> Response:
    """Book a payment that was taken elsewhere."""
    return _book(reference, given_back=False)


@bp.post("/accounts/<reference>/returned-payments")
def return_payment(reference: str) -> Response:
    """Book that money of a payment was given back elsewhere."""
    return _book(reference, given_back=True)


def _book(reference: str, *, given_back: bool) -> Response:
    sent, key = _sent(PaymentRequest), _key()
    if sent.paid_on > today():
        raise unfit("paid_on is in the future.")
    asked = {"reference": reference, **sent.model_dump(mode="json")} | ({"given_back": True} if given_back else {})
    with place().store.work() as db:
        db.execute(_LOCK_KEY, {"key": key})
        before = db.execute(select(payment).where(payment.c.key == key)).one_or_none()
        if before is not None:
            if before.asked != asked:
                raise key_used()
            return jsonify(before.answer)
        row = db.execute(select(account).where(account.c.reference == reference).with_for_update()).one_or_none()
        if row is None:
            raise nothing_there()
        year = row.billed_year or year_of(today())
        if given_back:
            balance = ledger.give_back(db, reference, pence=sent.pence, on=sent.paid_on, year=year)
        else:
            balance = ledger.take(db, reference, pence=sent.pence, on=sent.paid_on, year=year, kind="payment")
        said = PaymentAnswer(id=key, reference=reference, pence=sent.pence, balance=balance)
        db.execute(insert(payment), {"key": key, "asked": asked, "answer": said.model_dump(mode="json")})
        return answer(said)


@bp.get("/accounts/<reference>/address")
def address_of(reference: str) -> Response:
    """Where the council writes to somebody about an account."""
    with place().store.work() as db:
        row = records.own(db, asker(), reference)
        home = records.home(row)
        name = next(each.name for each in records.people(db, reference) if each.id == asker())
        *lines, postcode = row.send_to or (*home.lines, home.postcode)
        return answer(PostAddress(name=name, lines=tuple(lines), postcode=postcode))


@bp.post("/matches")
def match() -> Response:
    """Whether answers fit a record."""
    sent = _sent(MatchRequest)
    with place().store.work() as db:
        return answer(recognising.match(db, sent.reference, sent.name, sent.postcode, sent.facts))


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= 100:
        raise unfit("Name the request: Idempotency-Key, 1 to 100 characters.")
    return key


def _sent(kind: type[S]) -> S:
    data = request.get_data()
    if rb"\u0000" in data:
        raise unfit("No text holds the character 0.")  # of PostgreSQL's, that is
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        where = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
        raise unfit(f"This does not fit: {', '.join(where)}.") from None
