"""Pay's test cards, and what is wrong with what somebody typed. Pure.

The numbers are those of docs.payments.service.gov.uk/testing_govuk_pay (read at c492a7ae, 2026-06-23).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Outcome = Literal["success", "declined", "expired", "bad_code", "error"]

OUTCOMES: Final[Mapping[str, Outcome]] = {
    "4000000000000002": "declined",
    "4000000000000069": "expired",
    "4000000000000127": "bad_code",
    "4000000000000119": "error",
}
"""The cards that do not pay."""
SUCCESSFUL: Final = frozenset(
    {
        "4242424242424242",
        "4444333322221111",
        "4000008260000000",
        "4000058260000005",
        "4000056655665556",
        "4000000000000010",
        "5105105105105100",
        "5200828282828210",
        "371449635398431",
    }
)
"""The cards that do. Any other number is refused: somebody might type a real one."""
BRANDS: Final = (("34", "American Express"), ("37", "American Express"), ("5", "Mastercard"), ("4", "Visa"))
DEBIT: Final = frozenset({"4000058260000005", "4000056655665556", "5105105105105100", "5200828282828210"})


@dataclass(frozen=True, slots=True)
class Card:
    """What somebody typed, without what must not be kept."""

    first_digits: str
    last_digits: str
    brand: str
    card_type: str
    expiry: str
    holder: str

    def details(self) -> Mapping[str, str]:
        """As the API tells it."""
        return {
            "first_digits_card_number": self.first_digits,
            "last_digits_card_number": self.last_digits,
            "card_brand": self.brand,
            "card_type": self.card_type,
            "expiry_date": self.expiry,
            "cardholder_name": self.holder,
        }


def outcome_of(number: str) -> Outcome:
    """What becomes of a payment with this card."""
    return OUTCOMES.get(digits(number), "success")


def card_from(typed: Mapping[str, str]) -> Card:
    """The card, from values in which `faults_in` found nothing."""
    number = digits(typed["card_number"])
    brand = next((name for start, name in BRANDS if number.startswith(start)), "Visa")
    return Card(
        first_digits=number[:6],
        last_digits=number[-4:],
        brand=brand,
        card_type="debit" if number in DEBIT else "credit",
        expiry=f"{int(typed['expiry_month']):02}/{typed['expiry_year'].strip()[-2:]}",
        holder=typed["cardholder_name"].strip(),
    )


def faults_in(typed: Mapping[str, str], today: date) -> Mapping[str, str]:
    """What is wrong, by field: a code that the page puts into words."""
    found = {}
    number = digits(typed.get("card_number", ""))
    if number not in SUCCESSFUL and number not in OUTCOMES:
        found["card_number"] = "number" if not re.fullmatch(r"[0-9]{12,19}", number) else "no_test_card"
    if fault := _wrong_expiry(typed.get("expiry_month", "").strip(), typed.get("expiry_year", "").strip(), today):
        found["expiry_month"] = fault
    if not 1 <= len(typed.get("cardholder_name", "").strip()) <= 255:
        found["cardholder_name"] = "name"
    if not re.fullmatch(r"[0-9]{3,4}", typed.get("cvc", "").strip()):
        found["cvc"] = "cvc"
    return found


def digits(number: str) -> str:
    """A card number as people type it, without its gaps."""
    return re.sub(r"[ -]", "", number)


def _wrong_expiry(month: str, year: str, today: date) -> str:
    if not re.fullmatch(r"[0-9]{1,2}", month) or not re.fullmatch(r"(20)?[0-9]{2}", year) or not 1 <= int(month) <= 12:
        return "expiry"
    return "past" if (2000 + int(year[-2:]), int(month)) < (today.year, today.month) else ""
