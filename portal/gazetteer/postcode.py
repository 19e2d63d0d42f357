"""Postcodes and UPRNs as the gazetteer is asked for them."""

from portal.errors import Refused
from portal.web.languages import gettext as _
from portal.web.postcodes import find_postcode


def normalise_postcode(text: str) -> str:
    """The postcode as it is printed. Raises Refused when the text is none."""
    found = find_postcode(text)
    if found is None:
        raise Refused(_("Enter a full UK postcode, like W6 9JU"))
    return found


def normalise_uprn(text: str) -> str | None:
    """The UPRN without leading zeros, or None when the text is none."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        return None
    return digits.lstrip("0") or None
