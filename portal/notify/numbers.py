"""Which telephone numbers a text can be sent to. Pure."""

import phonenumbers

CAN_TAKE_TEXTS = frozenset({phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE})


def find_mobile(text: str) -> str | None:
    """The number as E.164 writes it; None when it is no mobile's. A number without a country is a British one.

    The ranges that Ofcom keeps for fiction and tests (07700 900…) count as mobiles.
    """
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not _is_for_tests(number) and (
        not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in CAN_TAKE_TEXTS
    ):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _is_for_tests(number: phonenumbers.PhoneNumber) -> bool:
    return number.country_code == 44 and 7_700_900_000 <= (number.national_number or 0) <= 7_700_900_999
