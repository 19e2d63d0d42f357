"""The one question about how bills come."""

from portal.kit import Form, RadioField
from portal.kit import lazy_gettext as _


class EBillingForm(Form):
    """How one person gets their bills."""

    e_billing = RadioField(
        _("How do you want to get your bills?"),
        choices=[
            ("on", _("Online"), _("We tell you when a bill is here. No paper is sent to you.")),
            ("off", _("On paper"), _("By post. You can still see your bills here.")),
        ],
        required=_("Select how you want to get your bills"),
        page_heading=True,
    )
