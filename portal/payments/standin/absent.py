"""The parts of the API that a service without agreements, telephone payments and disputes has no use for.

They answer as they do for such a service.
"""

from flask import Blueprint, Response, jsonify, request

from portal.payments.standin.asked import STATES, no_longer_than, search_asked
from portal.payments.standin.faults import Fault, not_found
from portal.payments.standin.place import place
from portal.payments.standin.telling import page_told

bp = Blueprint("pay_absent", __name__, url_prefix="/v1")


@bp.get("/agreements")
def agreements() -> Response:
    """None."""
    return _nothing("P2401", "P2402")


@bp.post("/agreements")
def agree() -> Response:
    """Not here."""
    raise Fault(422, "P0942", "Recurring card payments are currently disabled for this service.")


@bp.get("/agreements/<agreement_id>")
def agreement(agreement_id: str) -> Response:  # noqa: ARG001  # there is none by any name
    """None."""
    raise not_found("P2200")


@bp.post("/agreements/<agreement_id>/cancel")
def end_agreement(agreement_id: str) -> Response:  # noqa: ARG001  # there is none by any name
    """None."""
    raise not_found("P2500")


@bp.get("/disputes")
def disputes() -> Response:
    """None."""
    return _nothing("P0401", "P0402")


@bp.post("/auth")
def authorise() -> Response:
    """Nobody got a token for it."""
    raise Fault(400, "P1211", "The one_time_token is not valid")


def _nothing(wrong: str, none: str) -> Response:
    rules = {"reference": no_longer_than(255), "status": lambda value: value not in STATES}
    asked = search_asked(request.args, wrong, rules)
    if asked.page > 1:
        raise Fault(404, none, "Page not found")
    address = f"{place().address}{request.path}?page=1"
    return jsonify(page_told([], total=0, page=1, size=asked.size, address={1: address}))
