"""The questions about a move, one form a page."""

from datetime import date

from portal.kit import DateField, Form, PostcodeField, RadioField, SelectField, TextAreaField, TextField, clock
from portal.kit import lazy_gettext as _
from services.council_tax.rules.move_checks import (
    LONGEST_NAME,
    MOST_NAMES,
    read_adults,
    read_names,
    wrong_adults,
    wrong_day,
    wrong_names,
)


class StayForm(Form):
    """Whether the new home is in the area too."""

    stay = RadioField(
        _("Do you stay in our area?"),
        choices=[
            ("yes", _("Yes, the new home is in our area too")),
            ("no", _("No, or I do not know yet")),
        ],
        required=_("Select whether you stay in our area"),
        page_heading=True,
    )


class WhoForm(Form):
    """Everybody, or this person alone."""

    who = RadioField(
        _("Who moves out?"),
        choices=[
            ("everybody", _("Everybody on the account"), _("The account ends, and we send the last bill.")),
            ("me", _("Only me"), _("The others stay, and go on paying.")),
        ],
        required=_("Select who moves out"),
        page_heading=True,
    )


class DayForm(Form):
    """A day of moving, which must be one that can be told."""

    day = DateField(
        _("On which day did you move in, or will you?"),
        hint=_("For example, 27 3 2026. You pay for this day."),
        required=_("Enter the day of moving in"),
        called=_("The day"),
        page_heading=True,
    )
    began_on: date | None = None
    """When the account began that somebody leaves."""

    def accepted(self) -> bool:
        """Whether a day was posted that can be."""
        if not super().accepted() or self.day.data is None:
            return False
        if wrong := wrong_day(self.day.data, clock.today(), began_on=self.began_on):
            self.refuse(wrong, "day")
        return not wrong


class LeftForm(DayForm):
    """The day of leaving the old home."""

    day = DateField(
        _("On which day did you leave the old home, or will you?"),
        hint=_("For example, 27 3 2026. You do not pay for this day."),
        required=_("Enter the day of leaving the old home"),
        called=_("The day"),
        page_heading=True,
    )


class HomePostcodeForm(Form):
    """The postcode of the new home."""

    postcode = PostcodeField(
        _("What is the postcode of the new home?"),
        required=_("Enter the postcode of the new home"),
        called=_("Postcode"),
        page_heading=True,
    )


class HomeForm(Form):
    """One of the homes that were found. The view gives the choices."""

    address = SelectField(
        _("Which is the new home?"),
        blank=_("Choose an address"),
        required=_("Select the address of the new home"),
        page_heading=True,
    )


class NamesForm(Form):
    """Everybody who has to pay. `found` are the names once the form is accepted."""

    names = TextAreaField(
        _("Who pays the council tax of the new home?"),
        hint=_(
            "Name everybody who owns or rents it together, and husbands, wives and partners who live there. Each full"
            " name on a line of its own, yours first."
        ),
        required=_("Enter the names of everybody who pays"),
        called=_("The names"),
        max_length=(LONGEST_NAME + 20) * MOST_NAMES,
        rows=4,
        spellcheck=False,
        page_heading=True,
    )
    found: tuple[str, ...] = ()

    def accepted(self) -> bool:
        """Whether names were posted that can be."""
        if not super().accepted():
            return False
        self.found = read_names(self.names.data)
        if wrong := wrong_names(self.found):
            self.refuse(wrong, "names")
        return not wrong


class AdultsForm(Form):
    """How many adults. `found` is the number once the form is accepted."""

    adults = TextField(
        _("How many adults live in the new home, you included?"),
        hint=_("Everybody aged 18 or over. If you are the only one, a quarter is taken off the bill."),
        required=_("Enter how many adults live in the new home"),
        called=_("The number of adults"),
        width="2",
        inputmode="numeric",
        max_length=10,
        page_heading=True,
    )
    named: int = 0
    """How many people were said to pay."""
    found: int = 0

    def accepted(self) -> bool:
        """Whether a number was posted that can be."""
        if not super().accepted():
            return False
        adults = read_adults(self.adults.data)
        if wrong := wrong_adults(adults, self.named):
            self.refuse(wrong, "adults")
        self.found = adults or 0
        return not wrong


class TenureForm(Form):
    """By what right."""

    tenure = RadioField(
        _("Do you own the new home or rent it?"),
        choices=[
            ("owner", _("I own it, or buy it with a mortgage")),
            ("tenant", _("I rent it")),
            ("other", _("Neither"), _("For example, it comes with your work, or you stay with family.")),
        ],
        required=_("Select whether you own the home or rent it"),
        page_heading=True,
    )


class ForwardingForm(Form):
    """Where letters go from now on."""

    line_1 = TextField(
        _("First line of the address"),
        required=_("Enter the first line of the address"),
        max_length=70,
        autocomplete="address-line1",
    )
    line_2 = TextField(_("Second line"), max_length=70, autocomplete="address-line2")
    town = TextField(_("Town or city"), required=_("Enter the town or city"), max_length=50, autocomplete="off")
    postcode = TextField(
        _("Postcode, or country if it is abroad"),
        required=_("Enter the postcode, or the country"),
        max_length=50,
        width="20",
        autocomplete="off",
    )
