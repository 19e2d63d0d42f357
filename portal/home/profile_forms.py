"""The forms of the profile pages, one question each."""

import re
from typing import Any

import phonenumbers
import wtforms
from wtforms.validators import ValidationError

from portal import clock
from portal.accounts import rules
from portal.home.profile_words import in_itself
from portal.web import forms, languages
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _


def _mark(value: object) -> str:
    """A version as `rules.version_of` makes it; anything else is none, and never echoed."""
    return value if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{16}", value) else ""


class VersionField(wtforms.HiddenField):
    """The version that the page was filled from. A form that was sent without it saw none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was sent; the present version, which is the default, is never put in its place."""
        self.data = valuelist[0] if valuelist else ""


class QuestionForm(forms.Form):
    """A form that knows which answer it was filled from, so that a later one is not overwritten unseen."""

    version = VersionField(filters=[_mark])
    saved_now: list[tuple[str, str]] | None = None
    """What is saved by now, when that is not what the resident saw: (label, text) pairs."""


class NameForm(QuestionForm):
    """What the resident is called."""

    given_name = forms.TextField(
        _("First names"),
        max_length=100,
        required=_("Enter your first names"),
        autocomplete="given-name",
        spellcheck=False,
    )
    family_name = forms.TextField(
        _("Last name"), max_length=100, required=_("Enter your last name"), autocomplete="family-name", spellcheck=False
    )
    preferred_name = forms.TextField(
        _("What should we call you?"),
        hint=_("Only if it is different from your first name."),
        called=_("The name we should call you"),
        max_length=100,
        autocomplete="nickname",
        spellcheck=False,
    )


class DateOfBirthForm(QuestionForm):
    """When the resident was born."""

    date_of_birth = forms.DateField(
        _("What is your date of birth?"),
        called=_("Date of birth"),
        hint=_("For example, 27 3 1984."),
        required=_("Enter your date of birth"),
        autocomplete="bday",
        page_heading=True,
    )

    def validate_date_of_birth(self, field: wtforms.Field) -> None:
        """A day on which somebody alive was born."""
        if field.data is not None and (reason := rules.why_not_born(field.data, clock.today())):
            raise ValidationError(reason)


class PhoneForm(QuestionForm):
    """How to ring the resident. Left empty, the number is removed."""

    phone = forms.TelephoneField(
        _("What is your telephone number?"),
        called=_("Telephone number"),
        hint=_("For a number from another country, begin with its code. Leave this empty to remove your number."),
        mark_optional=False,
        page_heading=True,
    )

    def validate_phone(self, field: wtforms.Field) -> None:
        """A number that can be rung as it is."""
        if not field.data:
            return
        if phonenumbers.parse(field.data, "GB").extension:
            raise ValidationError(gettext("Enter a telephone number without an extension"))
        assert isinstance(field, forms.TelephoneField)
        if reason := rules.why_not_number(field.e164):
            raise ValidationError(reason)


class ContactForm(QuestionForm):
    """How the resident wants to hear from us."""

    contact_by = forms.RadioField(
        _("How should we contact you?"),
        required=_("Select how we should contact you"),
        choices=[
            ("email", _("Email")),
            ("text", _("Text message"), _("Needs a mobile number.")),
            ("telephone", _("Telephone")),
            ("letter", _("Letter")),
        ],
    )
    contact_needs = forms.TextAreaField(
        _("Is there something we should know when we contact you?"),
        called=_("What we should know"),
        hint=_("For example, large print, Relay UK, an interpreter, or a good time of day."),
        max_length=500,
        rows=3,
    )


class LanguageForm(forms.Form):
    """The language of pages and letters."""

    language = forms.RadioField(
        _("Which language do you want to use?"),
        hint=_("We use it for these pages and when we write to you."),
        required=_("Select a language"),
        choices=[(code, in_itself(code)) for code in languages.LANGUAGES],
        page_heading=True,
    )


class EmailForm(forms.Form):
    """Where a link is sent that proves the address."""

    email = forms.EmailField(
        _("What is your new email address?"),
        called=_("Email address"),
        hint=_("We will send you a link to confirm it. Until then we keep using the address we have."),
        required=_("Enter your new email address"),
        page_heading=True,
    )


class PostcodeForm(forms.Form):
    """Where to look for addresses."""

    postcode = forms.PostcodeField(
        _("Postcode"), required=_("Enter a postcode, like W6 9JU"), hint=_("For example, W6 9JU.")
    )


class ChooseAddressForm(forms.Form):
    """Which of the addresses of a postcode."""

    uprn = forms.SelectField(
        _("Addresses"), blank=_("Choose an address"), required=_("Select an address, or type it yourself")
    )


class ConfirmAddressForm(QuestionForm):
    """Nothing but the button."""


class TypedAddressForm(QuestionForm):
    """An address that the gazetteer does not know."""

    line_1 = forms.TextField(
        _("Address line 1"),
        max_length=100,
        required=_("Enter the first line of the address"),
        autocomplete="address-line1",
    )
    line_2 = forms.TextField(_("Address line 2"), max_length=100, autocomplete="address-line2")
    town = forms.TextField(
        _("Town or city"),
        max_length=100,
        required=_("Enter a town or city"),
        autocomplete="address-level2",
        width="two-thirds",
    )
    postcode = forms.PostcodeField(_("Postcode"), required=_("Enter a postcode, like W6 9JU"))

    def lines(self) -> tuple[str, ...]:
        """The address above its postcode, empty lines left out."""
        typed: list[Any] = [self.line_1.data, self.line_2.data, self.town.data]
        return tuple(line for line in typed if line)
