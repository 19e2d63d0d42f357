"""The questions of an application for a permit, one form a page."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from portal.kit import (
    CheckboxesField,
    ConfirmField,
    DateField,
    Form,
    Lazy,
    PostcodeField,
    RadioField,
    SelectField,
    TextAreaField,
    TextField,
    clock,
    format_date,
    gettext,
)
from portal.kit import lazy_gettext as _
from services.permits.forms.calculator import FactsForm
from services.permits.rules.application_steps import NOT_LISTED
from services.permits.rules.tariff import Tariff
from services.permits.rules.wanted import Wanted

KIND_CHOICES: Final = [
    ("resident", _("For my own car, at home"), _("A resident permit.")),
    ("visitor", _("For my visitors’ cars"), _("You buy hours, and start each visitor’s car on your phone.")),
    ("business", _("For a business"), _("You need a business account here. You can open one in a minute.")),
    ("carer", _("For somebody who cares for a person at home"), _("A carer permit. You send a letter about the care.")),
    ("temporary", _("For a new, borrowed or hired car, for a short time"), _("A temporary permit.")),
]
KEEPER_CHOICES: Final = [
    ("me", _("Mine")),
    ("household", _("Somebody’s who lives with me")),
    ("employer", _("My employer’s, or a company’s"), _("You send a letter or a document about it.")),
    ("hired", _("Hired or leased"), _("You send the agreement.")),
]
LONGEST_ADDRESS: Final = 300


class WhichForm(Form):
    """Which kind of permit."""

    kind = RadioField(
        _("What is the permit for?"),
        choices=KIND_CHOICES,
        required=_("Select what the permit is for"),
        page_heading=True,
    )


class BusinessForm(Form):
    """For which of the businesses. The view gives the choices."""

    business = RadioField(_("Which business is it for?"), required=_("Select the business"), page_heading=True)


class HomePostcodeForm(Form):
    """The postcode of the home that the permit is for."""

    postcode = PostcodeField(
        _("What is the postcode of the address that the permit is for?"),
        required=_("Enter the postcode of the address"),
        called=_("Postcode"),
        page_heading=True,
    )


class HomeForm(Form):
    """One of the homes that were found. The view gives the choices."""

    home = SelectField(
        _("Which is the address?"),
        blank=_("Choose an address"),
        required=_("Select the address"),
        page_heading=True,
    )

    def offer(self, homes: Iterable[tuple[str, str]], *, may_type: bool) -> None:
        """Offer these, and perhaps to type one that is not there."""
        self.home.choices = [*homes, *([(NOT_LISTED, _("My address is not here"))] if may_type else [])]


class TypedForm(Form):
    """An address that the list does not have, and its zone. The view gives the zones."""

    address = TextAreaField(
        _("Address"),
        hint=_("House number, street and town, one below the other."),
        required=_("Enter the address"),
        max_length=LONGEST_ADDRESS,
        rows=3,
        autocomplete="street-address",
    )
    zone = SelectField(
        _("Parking zone"),
        hint=_("It is on the signs in the street. An officer checks it."),
        blank=_("Choose a zone"),
        required=_("Select the parking zone"),
    )


class RegistrationForm(Form):
    """Which vehicle."""

    registration = TextField(
        _("What is the registration number of the vehicle?"),
        hint=_("As it is on the number plate, such as AB12 CDE."),
        required=_("Enter the registration number of the vehicle"),
        called=_("Registration number"),
        width="10",
        max_length=20,
        spellcheck=False,
        autocomplete="off",
        page_heading=True,
    )
    abroad = ConfirmField(_("The vehicle is registered in another country"))


class ThisVehicleForm(Form):
    """Whether what DVLA says is the vehicle."""

    right = RadioField(
        _("Is this the vehicle?"),
        choices=[("yes", _("Yes")), ("no", _("No, enter another registration number"))],
        required=_("Select whether this is the vehicle"),
    )

    def may_be_foreign(self) -> None:
        """Let it be another country's vehicle with the same registration number."""
        self.right.choices = [("yes", _("Yes")), ("no", _("No, the vehicle is registered in another country"))]


class V5cForm(FactsForm):
    """What the log book says, where DVLA did not say it: no more of it than the price depends on."""

    def only_vehicle(self, tariff: Tariff, wants: Wanted) -> None:
        """Ask for the facts of the vehicle alone."""
        alone = Wanted(asks=wants.asks - {"number"})
        self.only(tariff, replace(alone, asks=alone.asks | {"fuel"}), {})


class KeeperForm(Form):
    """Whose the vehicle is."""

    keeper = RadioField(
        _("Whose vehicle is it?"),
        choices=KEEPER_CHOICES,
        required=_("Select whose vehicle it is"),
        page_heading=True,
    )


class MarksForm(Form):
    """What makes it cheaper. The view gives the choices."""

    marks = CheckboxesField(
        _("Is any of this true?"),
        hint=_("Select all that are, or none. You send a document that shows it."),
        mark_optional=False,
        page_heading=True,
    )


class StartForm(Form):
    """From which day."""

    day = DateField(
        _("From which day do you need the permit?"),
        required=_("Enter the first day of the permit"),
        called=_("The first day"),
        page_heading=True,
    )

    def __init__(self, prefill: object | None, *, ahead_days: int) -> None:
        super().__init__(prefill)
        self.until: date = clock.today() + timedelta(days=ahead_days)
        self.day.hint = gettext("Today or later, up to %(day)s. For example, 27 3 2026.", day=format_date(self.until))

    def accepted(self) -> bool:
        """Whether it is a day that can be had."""
        if not super().accepted() or self.day.data is None:
            return False
        if clock.today() <= self.day.data <= self.until:
            return True
        self.refuse(gettext("The first day must be between today and %(day)s", day=format_date(self.until)), "day")
        return False


class LengthForm(Form):
    """For how long. The view gives the lengths with their prices."""

    length = RadioField(
        _("For how long do you want the permit?"),
        required=_("Select for how long you want the permit"),
        page_heading=True,
    )

    def offer(self, lengths: Sequence[tuple[str, Lazy | str, Lazy | str]]) -> None:
        """Offer these: code, length in words, price in words."""
        self.length.choices = list(lengths)
