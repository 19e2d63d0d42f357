"""Pure rules of the profile. A rule that says no answers with the sentence; one that says yes, with None."""

import hashlib
import re
from datetime import date

import phonenumbers

from portal.accounts.values import Profile
from portal.web.languages import gettext as _

OLDEST = 130
BRITISH = 44
TEXTABLE = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
)
# Ofcom, "Telephone numbers for use in TV and radio drama programmes", without the leading 0.
DRAMA = re.compile(
    r"(11[3-8]4960|1214960|1[3-6]14960|1914980|2079460|2896496|2920180|1632960|7700900|8081570|9098790|3069990)[0-9]{3}"
)


def version_of(profile: Profile, question: str) -> str:
    """A short mark of what one question's answer is now. A page carries it, so that a save can tell whether the
    answer was changed since. One mark for each question: a new telephone number in another tab is no reason to
    stop somebody who corrects their name.
    """
    answers: dict[str, object] = {
        "name": (profile.given_name, profile.family_name, profile.preferred_name),
        "date_of_birth": profile.date_of_birth,
        "phone": profile.phone,
        "contact": (profile.contact_by, profile.contact_needs),
        "home": _printed(profile, "home"),
        "correspondence": _printed(profile, "correspondence"),
        "language": profile.language,
    }
    return hashlib.sha256(f"{question} {answers[question]!r}".encode()).hexdigest()[:16]


def _printed(profile: Profile, kind: str) -> tuple[object, ...] | None:
    address = profile.address(kind)
    return (address.uprn, address.lines, address.postcode) if address else None


def why_not_born(day: date, today: date) -> str | None:
    """Why nobody who uses the portal today was born on that day."""
    if day >= today:
        return _("Date of birth must be in the past")
    if day.year < today.year - OLDEST:
        return _("Year of birth must be %(year)s or later", year=today.year - OLDEST)
    return None


def why_not_number(number: str) -> str | None:
    """Why an E.164 number cannot be rung. The ranges that are kept for drama count as numbers, because
    demonstrations live on those; the library does not know them.
    """
    return None if _can_be_rung(number) else _("Enter a telephone number, like 01632 960 001 or +33 1 42 68 53 00")


def _can_be_rung(number: str) -> bool:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    if parsed.country_code == BRITISH and DRAMA.fullmatch(str(parsed.national_number)):
        return True
    return phonenumbers.is_valid_number(parsed)


def printed_number(number: str) -> str:
    """An E.164 number as people write it here: `020 7946 0100`, `+33 1 …`."""
    parsed = phonenumbers.parse(number)
    british = parsed.country_code == BRITISH
    form = phonenumbers.PhoneNumberFormat.NATIONAL if british else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def why_not_contact(profile: Profile, way: str) -> str | None:
    """Why we could not reach the resident in that way."""
    if way == "email" and not profile.email:
        return _("To be contacted by email, add an email address first.")
    if way in ("text", "telephone") and not profile.phone:
        return _("To be contacted by text message or telephone, add a telephone number first.")
    if way == "text" and not _takes_texts(profile.phone):
        return _("To be contacted by text message, change your telephone number to a mobile number first.")
    if way == "letter" and not profile.addresses:
        return _("To be contacted by letter, add an address first.")
    return None


def why_not_phone(profile: Profile, phone: str | None) -> str | None:
    """Why the number cannot be this, given how the resident wants to be contacted."""
    if profile.contact_by in ("text", "telephone") and phone is None:
        return _("You asked us to contact you by text message or telephone. Change that before you remove the number.")
    if profile.contact_by == "text" and not _takes_texts(phone):
        return _("You asked us to contact you by text message. Enter a mobile number, or change that first.")
    return None


def _takes_texts(phone: str | None) -> bool:
    if phone is None:
        return False
    number = phonenumbers.parse(phone)
    if number.country_code == BRITISH:
        return str(number.national_number).startswith("7")
    return phonenumbers.number_type(number) in TEXTABLE
