"""Fields for e-mail addresses, telephone numbers and postcodes."""

import re
from collections.abc import Sequence
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from portal.web.fields import Text, TextField
from portal.web.languages import gettext
from portal.web.postcodes import find_postcode


class EmailField(TextField):
    """An e-mail address. Whether anybody reads it is found out by writing to it."""

    input_type = "email"

    def __init__(self, label: Text, *, max_length: int = 254, autocomplete: str = "email", **kwargs: Any) -> None:
        super().__init__(label, max_length=max_length, autocomplete=autocomplete, spellcheck=False, **kwargs)

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent, its host in small letters."""
        super().process_formdata(valuelist)
        if not self.data:
            return
        typed, self.data = self.data, ""
        try:
            # Letters beyond ASCII before the @ are refused: most mail servers could not deliver to them.
            read = validate_email(typed, check_deliverability=False, strict=True, allow_smtputf8=False)
            self.data = read.normalized
        except EmailNotValidError:
            raise ValueError(gettext("Enter an email address in the correct format, like name@example.com")) from None


class TelephoneField(TextField):
    """A telephone number. `data` is grouped as it is read aloud; `e164` is for machines."""

    input_type = "tel"

    def __init__(
        self, label: Text, *, max_length: int = 40, autocomplete: str = "tel", width: str = "20", **kwargs: Any
    ) -> None:
        super().__init__(label, max_length=max_length, autocomplete=autocomplete, width=width, **kwargs)

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent, with the United Kingdom as the country where none is named."""
        super().process_formdata(valuelist)
        if not self.data:
            return
        typed, self.data = self.data, ""
        try:
            number = phonenumbers.parse(typed, "GB")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number) or re.search(r"[A-Za-z]{3}", typed):
            raise ValueError(gettext("Enter a phone number, like 01632 960 001, 07700 900 982 or +44 808 157 0192"))
        domestic = number.country_code == 44
        style = phonenumbers.PhoneNumberFormat.NATIONAL if domestic else phonenumbers.PhoneNumberFormat.INTERNATIONAL
        self.data = phonenumbers.format_number(number, style)

    @property
    def e164(self) -> str:
        """The number as `+441632960001`, or "" when there is none."""
        if not self.data:
            return ""
        number = phonenumbers.parse(self.data, "GB")
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


class PostcodeField(TextField):
    """A postcode of the United Kingdom, in capitals with its space."""

    def __init__(
        self, label: Text, *, max_length: int = 20, autocomplete: str = "postal-code", width: str = "10", **kwargs: Any
    ) -> None:
        super().__init__(label, max_length=max_length, autocomplete=autocomplete, width=width, **kwargs)

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent, however it is spaced."""
        super().process_formdata(valuelist)
        if not self.data:
            return
        found = find_postcode(self.data)
        self.data = found or ""
        if found is None:
            raise ValueError(gettext("Enter a full UK postcode, like AA3 1AB"))
