"""Which telephone numbers a text can be sent to. Pure."""

import phonenumbers


def find_mobile(text: str) -> str | None:
    """The number as E.164 writes it; None when it is no British mobile's. Without a country it is a British one.

    Texts abroad cost several times as much, and GOV.UK Notify refuses them unless a council asks for them. The ranges
    that Ofcom keeps for fiction and tests (07700 900…) count as mobiles.
    """
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != 44 or number.extension or not (_is_for_tests(number) or _is_mobile(number)):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _is_mobile(number: phonenumbers.PhoneNumber) -> bool:
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    return mobile and phonenumbers.is_valid_number(number)


def _is_for_tests(number: phonenumbers.PhoneNumber) -> bool:
    return 7_700_900_000 <= (number.national_number or 0) <= 7_700_900_999
