"""The one question before council tax is put in the basket."""

from portal.kit import Form
from portal.kit import lazy_gettext as _
from services.council_tax.forms.money_field import MoneyField


class PayForm(Form):
    """How much of what is owed."""

    pence = MoneyField(
        _("How much do you want to pay?"), required=_("Enter how much you want to pay"), page_heading=True
    )
