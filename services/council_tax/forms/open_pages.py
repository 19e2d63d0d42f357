"""The questions of the pages that are open to everybody."""

from portal.kit import DateField, Form, PostcodeField, RadioField
from portal.kit import lazy_gettext as _
from services.council_tax.rules.charges import BANDS


class BandForm(Form):
    """The postcode of a home."""

    postcode = PostcodeField(
        _("What is the postcode of the home?"), required=_("Enter the postcode of the home"), called=_("Postcode")
    )


class EstimateForm(Form):
    """What a bill is worked out from."""

    band = RadioField(
        _("Which band is the home in?"),
        choices=[(band, band) for band in BANDS],
        inline=True,
        required=_("Select the band of the home"),
    )
    since = DateField(
        _("From which day?"),
        hint=_("The day on which you move in, or 1 April for a whole year."),
        required=_("Enter the day from which the bill is to run"),
    )
    adults = RadioField(
        _("How many adults live there?"),
        hint=_("Leave out full-time students, people who are severely mentally impaired, and everybody under 18."),
        choices=[("2", _("Two or more")), ("1", _("One")), ("0", _("None that count"))],
        required=_("Select how many adults live there"),
    )
    disabled = RadioField(
        _("Has the home been changed for somebody with a disability?"),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        required=_("Select yes if the home has been changed for somebody with a disability"),
    )
    many = RadioField(
        _("In how many payments a year?"),
        choices=[("10", _("Ten")), ("12", _("Twelve"))],
        required=_("Select ten or twelve"),
    )
