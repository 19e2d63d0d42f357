"""Which documents prove what, and how long they are kept. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Literal, get_args

from portal.kit import Lazy
from portal.kit import lazy_gettext as _

Purpose = Literal["address", "vehicle", "carer", "business", "reduction", "other"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
TITLES: Final[Mapping[Purpose, Lazy]] = {
    "address": _("Proof of address"),
    "vehicle": _("Proof that you may use the vehicle"),
    "carer": _("Proof of the care"),
    "business": _("Proof of the business"),
    "reduction": _("Proof for the lower price"),
    "other": _("Other documents"),
}
DOCUMENTS: Final[Mapping[Purpose, Mapping[str, Lazy]]] = {
    "address": {
        "council_tax": _("Council tax bill of this year"),
        "utility_bill": _("Gas, water, electricity or telephone bill of the last 3 months"),
        "bank": _("Bank or credit card statement of the last 3 months"),
        "tenancy": _("Tenancy agreement"),
        "solicitor": _("Solicitor’s letter about buying the home"),
    },
    "vehicle": {
        "v5c": _("Vehicle registration certificate (V5C)"),
        "new_keeper": _("New keeper’s part of the V5C"),
        "insurance": _("Certificate of insurance with your name and address"),
        "employer": _("Employer’s letter that you may use the vehicle"),
        "hire": _("Hire or lease agreement"),
    },
    "carer": {
        "professional": _("Letter from a doctor, nurse or social worker"),
        "allowance": _("Award of Carer’s Allowance or Attendance Allowance"),
        "agency": _("Letter from a care agency"),
    },
    "business": {
        "rates": _("Business rates bill of this year"),
        "lease": _("Lease of the premises"),
        "letter": _("Letter on the business’s paper, with its number"),
    },
    "reduction": {
        "blue_badge": _("Blue Badge, front and back"),
        "other_reduction": _("Another document which shows that you pay less"),
    },
    "other": {"other": _("Another document")},
}
"""What councils take, by purpose: a short code and its words. Sources: domain.md P5 (bills of at most 3 months,
tenancy, solicitor's letter; V5C or insurance; company letter or lease)."""

MOST_OF_A_PURPOSE: Final = 4
"""A bill has two sides, and a lease a first and a last page."""
UNSENT: Final = timedelta(days=35)
"""How long a document is kept that was not sent: longer than a draft that nobody touches."""
UNDECIDED: Final = timedelta(days=730)
"""No document stays longer than this, whatever became of its case."""


def read_purpose(text: str) -> Purpose | None:
    """The purpose that an address names, if it is one."""
    return next((each for each in PURPOSES if each == text), None)


def title_of(purpose: str) -> str:
    """What the documents of a purpose are there for, in words."""
    return next((str(title) for each, title in TITLES.items() if each == purpose), purpose)


def words_of(purpose: str, kind: str) -> str:
    """What a document is, in words; as it is kept where that is no longer on the list."""
    for each, kinds in DOCUMENTS.items():
        if each == purpose and kind in kinds:
            return str(kinds[kind])
    return kind


def delete_on(decided_on: date, proof_days: int) -> date:
    """The day on which a document goes that a decision rested on."""
    return decided_on + timedelta(days=proof_days)
