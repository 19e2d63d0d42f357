"""What the stand-in is asked: accounts, bills, what was published. Paths and shapes are those of `openapi.json`."""

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel
from sqlalchemy import select

from services.council_tax.backoffice.values import ListedDwelling
from services.council_tax.standin import charging, deciding, dwellings, keeping, records
from services.council_tax.standin.faults import nothing_there, unfit
from services.council_tax.standin.place import now, place, today, told
from services.council_tax.standin.store import change

bp = Blueprint("council_tax_reading", __name__, url_prefix="/v1")
_CHANGE = select(change)
LONGEST = 100


@bp.get("/accounts/<reference>")
def account(reference: str) -> Response:
    """One account."""
    with place().store.work() as db:
        row = keeping.up_to_date(db, asker(), reference, told=told(), today=today(), now=now())
        return answer(records.whole(db, row, today(), now()))


@bp.get("/people/<person_id>/accounts")
def accounts(person_id: str) -> Response:
    """All accounts of a person, some at a time."""
    if person_id != asker():
        raise nothing_there()
    after, limit = request.args.get("after", ""), _limit(20)
    with place().store.work() as db:
        page = records.lines(db, person_id, after, limit, today())
        if keeping.catch_up(db, [each.reference for each in page.items], today()):
            page = records.lines(db, person_id, after, limit, today())
        return answer(page)


@bp.get("/accounts/<reference>/statement")
def statement(reference: str) -> Response:
    """Payments, charges and adjustments, some at a time."""
    with place().store.work() as db:
        keeping.up_to_date(db, asker(), reference, told=told(), today=today(), now=now())
        return answer(records.statement(db, reference, request.args.get("after", ""), _limit(25)))


@bp.get("/accounts/<reference>/bills")
def bills(reference: str) -> Response:
    """The bills of an account."""
    with place().store.work() as db:
        keeping.up_to_date(db, asker(), reference, told=told(), today=today(), now=now())
        return jsonify([each.model_dump(mode="json") for each in records.bills(db, reference)])


@bp.get("/bills/<bill_id>")
def bill(bill_id: str) -> Response:
    """One bill, as it was issued."""
    with place().store.work() as db:
        return answer(records.one_bill(db, asker(), bill_id))


@bp.get("/changes/<key>")
def change_of(key: str) -> Response:
    """What became of a change."""
    with place().store.work() as db:
        found = db.execute(_CHANGE.where(change.c.key == key)).one_or_none()
        if found is None:
            raise nothing_there()
        if found.state == "with_officer":
            deciding.decide_due(db, told(), today(), now(), reference=found.reference)
            found = db.execute(_CHANGE.where(change.c.key == key)).one()
        return jsonify(found.answer)


@bp.get("/published/<int:year>")
def published(year: int) -> Response:
    """What was set for a year."""
    found = charging.find_published(year)
    if found is None:
        raise nothing_there()
    return answer(found)


@bp.get("/dwellings")
def listed() -> Response:
    """The valuation list at a postcode."""
    found = dwellings.at(request.args.get("postcode", ""))
    listed = [
        ListedDwelling(uprn=each.uprn, lines=each.lines, postcode=each.postcode, band=each.band) for each in found
    ]
    return jsonify([each.model_dump(mode="json") for each in listed])


@bp.get("/health")
def health() -> Response:
    """That it answers; its memory was asked on the way in."""
    return jsonify(status="ok")


def asker() -> str:
    """Who asks, by the header X-Person. Raises Fault when nobody is named."""
    person = request.headers.get("X-Person", "")
    if not person:
        raise unfit("Say who asks: X-Person.")
    return person


def answer(value: BaseModel) -> Response:
    """A value as JSON."""
    return jsonify(value.model_dump(mode="json"))


def _limit(usual: int) -> int:
    said = request.args.get("limit", str(usual))
    if not (said.isdecimal() and len(said) < 5 and 1 <= int(said) <= LONGEST):
        raise unfit(f"limit is from 1 to {LONGEST}.")
    return int(said)
