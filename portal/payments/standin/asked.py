"""What callers of the API may ask for, held to the rules of Pay's reference. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from portal.payments.standin.faults import Fault, invalid, missing, unreadable

LEAST, MOST = 30, 10_000_000
"""Pence: the least that Stripe takes, the most that Pay does."""
LONGEST: Final = {"reference": 255, "description": 255, "return_url": 2000}
ADDRESS: Final = {"line1": 255, "line2": 255, "postcode": 25, "city": 255}
STATES: Final = ("created", "started", "submitted", "capturable", "success", "failed", "cancelled", "error")
PAGE: Final = 500
Json = Mapping[str, Any]  # JSON, as it came


@dataclass(frozen=True, slots=True)
class Search:
    """A search that is as it has to be."""

    page: int
    size: int
    since_at: datetime | None
    until_at: datetime | None
    texts: Mapping[str, str]
    """The other criteria, each of which must be met."""


def payment_asked(sent: Any) -> dict[str, Any]:  # whatever JSON stood there; columns of a payment
    """The columns of a new payment. Raises Fault."""
    if not isinstance(sent, dict):
        raise unreadable("P0197")
    for field in ("amount", *LONGEST):
        if sent.get(field) is None:
            raise missing("P0101", field)
    _refuse_what_is_not_set_up(sent)
    return {
        "amount": _amount(sent["amount"], "P0102", LEAST),
        **{field: _text(sent, field, longest) for field, longest in LONGEST.items()},
        "language": _language(sent),
        "delayed_capture": _flag(sent, "delayed_capture"),
        "email": _text(sent, "email", 254) if sent.get("email") is not None else None,
        "metadata": _metadata(sent.get("metadata")),
        "card": _prefilled(sent.get("prefilled_cardholder_details")),
    }


def key_asked(given: str | None) -> str:
    """The idempotency key, or an empty one. Raises Fault."""
    if given is None:
        return ""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,255}", given):
        raise Fault(
            422, "P0102", "Header [Idempotency-Key] can have a size between 1 and 255", header="Idempotency-Key"
        )
    return given


def refund_asked(sent: Any) -> tuple[int, int]:  # whatever JSON stood there
    """How much to give back, and how much the caller believes that can be. Raises Fault."""
    if not isinstance(sent, dict):
        raise unreadable("P0697")
    for field in ("amount", "refund_amount_available"):
        if sent.get(field) is None:
            raise missing("P0601", field)
    return _amount(sent["amount"], "P0602", 1), _amount(
        sent["refund_amount_available"], "P0602", 0, "refund_amount_available"
    )


def search_asked(args: Mapping[str, str], code: str, names: Mapping[str, Callable[[str], bool]]) -> Search:
    """A search by `names`, each with its rule, and by dates. Raises Fault with `code`."""
    given = {name: value for name, value in args.items() if value != ""}
    rules = {**names, "from_date": _is_moment, "to_date": _is_moment, "page": _is_page, "display_size": _is_size}
    rules |= {"from_settled_date": _is_day, "to_settled_date": _is_day}
    wrong = [name for name, rule in rules.items() if name in given and not rule(given[name])]
    if wrong:
        why = f"Invalid parameters: {', '.join(wrong)}. See Public API documentation for the correct data formats"
        raise Fault(422, code, why)
    return Search(
        page=int(given.get("page", 1)),
        size=int(given.get("display_size", PAGE)),
        since_at=_moment(given.get("from_date")),
        until_at=_moment(given.get("to_date")),
        texts={name: value for name, value in given.items() if name in names or name.endswith("settled_date")},
    )


def no_longer_than(longest: int) -> Callable[[str], bool]:
    """A rule for a text."""
    return lambda value: len(value) <= longest


def only_digits(many: int) -> Callable[[str], bool]:
    """A rule for a part of a card's number."""
    return lambda value: re.fullmatch(rf"[0-9]{{{many}}}", value) is not None


def _refuse_what_is_not_set_up(sent: Json) -> None:
    match sent.get("authorisation_mode", "web"):
        case "moto_api":
            raise Fault(422, "P0195", "Using authorisation_mode of moto_api is not allowed for this account")
        case "agreement":
            raise invalid("P0102", "agreement_id", "Agreement does not exist", status=400)
        case other if other != "web":
            raise invalid("P0102", "authorisation_mode", "Must be one of web, agreement, moto_api")
    if _flag(sent, "moto"):
        raise Fault(422, "P0196", "MOTO payments are not enabled for this account")
    if sent.get("set_up_agreement") is not None:
        raise Fault(400, "P0103", "Invalid attribute value: set_up_agreement. Agreement ID does not exist")


def _amount(given: Any, code: str, least: int, field: str = "amount") -> int:  # JSON
    if not isinstance(given, int) or isinstance(given, bool):
        raise invalid(code, field, "Must be a valid numeric format", status=400 if code == "P0602" else 422)
    if given < least:
        raise invalid(code, field, f"Must be greater than or equal to {least}")
    if given > MOST:
        raise invalid(code, field, f"Must be less than or equal to {MOST}")
    return given


def _text(sent: Json, field: str, longest: int) -> str:
    given = sent[field]
    if not isinstance(given, str):
        raise invalid("P0102", field, "Must be of type String")
    if len(given) > longest or "\0" in given:  # no text of PostgreSQL's holds that character
        raise invalid("P0102", field, f"Must be less than or equal to {longest} characters length")
    if field == "return_url" and not _is_address(given):
        raise invalid("P0102", field, "Must be a valid URL format")
    return given


def _is_address(given: str) -> bool:
    try:
        parts = urlsplit(given)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _language(sent: Json) -> str:
    given = sent.get("language", "en")
    if given not in ("en", "cy"):
        raise invalid("P0102", "language", 'Must be "en" or "cy"')
    return str(given)


def _flag(sent: Json, field: str) -> bool:
    given = sent.get(field, False)
    if not isinstance(given, bool):
        raise invalid("P0102", field, "Must be true or false")
    return given


def _metadata(given: Any) -> Json | None:  # JSON
    if given is None:
        return None
    if not isinstance(given, dict) or not 1 <= len(given) <= 15:
        raise invalid("P0102", "metadata", "Must be an object of JSON key-value pairs, from 1 to 15")
    for name, value in given.items():
        if not 1 <= len(name) <= 30 or not isinstance(value, str | int | float | bool) or len(str(value)) > 100:
            raise invalid("P0102", "metadata", "Keys are of 1 to 30 characters, values of 100 at most")
    return given


def _prefilled(given: Any) -> Json | None:  # JSON
    """What is known of the card before it is typed."""
    if given is None:
        return None
    address = given.get("billing_address") if isinstance(given, dict) else given
    if not isinstance(given, dict) or not isinstance(address, dict | None):
        raise invalid("P0102", "prefilled_cardholder_details", "Must be an object")
    name = _parts(given, {"cardholder_name": 255})
    if address is None:
        return name or None
    country = _parts(address, {"country": 2})
    if country and not re.fullmatch(r"[A-Z]{2}", country["country"]):
        raise invalid("P0102", "country", "Must be a 2-character ISO-3166-1-alpha-2 code")
    return name | {"billing_address": _parts(address, ADDRESS) | country}


def _parts(sent: Json, longest: Mapping[str, int]) -> dict[str, str]:
    return {field: _text(sent, field, most) for field, most in longest.items() if sent.get(field) is not None}


def _is_moment(value: str) -> bool:
    try:
        return _moment(value) is not None and "T" in value
    except ValueError:
        return False


def _is_day(value: str) -> bool:
    try:
        return len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _is_page(value: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,8}", value) is not None


def _is_size(value: str) -> bool:
    return _is_page(value) and int(value) <= PAGE


def _moment(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time must say its zone")
    return moment
