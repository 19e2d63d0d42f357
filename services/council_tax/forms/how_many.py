"""The one question about how many payments a year has."""

from portal.kit import Form, RadioField
from portal.kit import lazy_gettext as _


class HowManyForm(Form):
    """Ten or twelve payments a year."""

    many = RadioField(
        _("Over how many months do you want to pay?"),
        choices=[("10", _("10 months")), ("12", _("12 months"))],
        required=_("Select 10 months or 12 months"),
        page_heading=True,
    )
