"""Is a request as Notify's schema wants it? Pure."""

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

import phonenumbers

from portal.notify.addresses import find_address
from portal.notify.standin.faults import invalid

ALLOWED: Final = {
    "email": {"email_address", "email_reply_to_id", "one_click_unsubscribe_url", "sanitise_content_for"},
    "sms": {"phone_number", "sms_sender_id"},
    "letter": {"letter_contact_block"},
}
FOR_ALL: Final = {"template_id", "personalisation", "reference"}
ADDRESS: Final = {"email": "email_address", "sms": "phone_number"}
POSTCODE: Final = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}")


def template_id(kind: str, sent: Mapping[str, Any]) -> uuid.UUID:
    """Look at the whole of a request; the template that it names. Raises Fault with all that is wrong."""
    wrong = [f"{name} is a required property" for name in _required(kind) if name not in sent]
    wrong += [
        f"Additional properties are not allowed ({name} was unexpected)"
        for name in sorted(set(sent) - FOR_ALL - ALLOWED[kind])
    ]
    for name in ("template_id", "email_reply_to_id", "sms_sender_id"):
        if name in sent and _uuid(sent[name]) is None:
            wrong.append(f"{name} is not a valid UUID")
    if not isinstance(sent.get("personalisation", {}), dict):
        wrong.append(f"personalisation {_kind(sent['personalisation'])} is not of type object")
    if not isinstance(sent.get("reference", ""), str):
        wrong.append(f"reference {_kind(sent['reference'])} is not of type string")
    if wrong:
        raise invalid(*wrong)
    return uuid.UUID(sent["template_id"])


def address(kind: str, sent: Mapping[str, Any]) -> dict[str, str]:
    """Whom it is for, as the answers of Notify name it. Raises Fault."""
    match kind:
        case "email":
            found = find_address(sent["email_address"]) if isinstance(sent["email_address"], str) else None
            if found is None:
                raise invalid("email_address is not a valid email address")
            return {"email_address": found}
        case "sms":
            return {"phone_number": _number(sent["phone_number"])}
        case _:
            return _lines(sent["personalisation"])


def _required(kind: str) -> list[str]:
    return ["personalisation", "template_id"] if kind == "letter" else [ADDRESS[kind], "template_id"]


def _number(typed: object) -> str:
    if not isinstance(typed, str):
        raise invalid(f"phone_number {_kind(typed)} is not of type string")
    if re.search(r"[^0-9+()\s.-]", typed):
        raise invalid("phone_number Must not contain letters or symbols")
    try:
        number = phonenumbers.parse(typed, "GB")
    except phonenumbers.NumberParseException:
        raise invalid("phone_number Not enough digits") from None
    if number.country_code != 44:
        raise invalid("phone_number Not a UK mobile number")
    digits = str(number.national_number)
    if len(digits) != 10:
        raise invalid("phone_number Too many digits" if len(digits) > 10 else "phone_number Not enough digits")
    if not digits.startswith("7"):
        raise invalid("phone_number Not a UK mobile number")
    return f"+44{digits}"


def _lines(values: Mapping[str, Any]) -> dict[str, str]:
    lines = [str(values.get(f"address_line_{n}") or "").strip() for n in range(1, 8)]
    if "address_line_1" not in values:
        raise invalid("personalisation address_line_1 is a required property")
    given = [line for line in lines if line]
    if len(given) < 3:
        raise invalid("Address must be at least 3 lines")
    if not POSTCODE.fullmatch(given[-1].upper()):
        raise invalid("Must be a real UK postcode")
    return {f"line_{n}": line for n, line in enumerate(given, 1)}


def _uuid(value: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _kind(value: object) -> str:
    return type(value).__name__
