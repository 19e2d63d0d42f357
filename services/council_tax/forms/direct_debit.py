"""The questions about a Direct Debit, one form a page."""

from portal.kit import ConfirmField, Form, RadioField
from portal.kit import lazy_gettext as _
from services.council_tax.forms.bank_details import AccountNameField, AccountNumberField, SortCodeField
from services.council_tax.rules.instalments import DAYS


class AuthorityForm(Form):
    """Whether one person's word is enough. Without it the scheme wants a signature of each."""

    authority = RadioField(
        _("Is the bank account yours, and can you set up a Direct Debit on it by yourself?"),
        choices=[
            ("yes", _("Yes, nobody else has to agree")),
            ("no", _("No, it is not my account, or two or more people must sign")),
        ],
        required=_("Select whether you can set up a Direct Debit on the account by yourself"),
        page_heading=True,
    )


class PayerForm(Form):
    """The name that the bank knows."""

    payer_name = AccountNameField()


class SortCodeForm(Form):
    """Six digits."""

    sort_code = SortCodeField(_("What is the sort code?"), page_heading=True)


class AccountNumberForm(Form):
    """Eight digits."""

    account_number = AccountNumberField(_("What is the account number?"), page_heading=True)


class DayForm(Form):
    """One of the days on which we collect."""

    day = RadioField(
        _("On which day of the month do you want to pay?"),
        hint=_("If that is a weekend or a bank holiday, we collect on the next working day."),
        choices=[(str(day), _("Day %(day)s of the month", day=day)) for day in DAYS],
        required=_("Select the day on which you want to pay"),
        page_heading=True,
    )


class ConfirmForm(Form):
    """The instruction itself, given in so many words."""

    agreed = ConfirmField(
        _("Instruct my bank or building society to pay these Direct Debits from my account"),
        required=_("Confirm that you want your bank or building society to pay these Direct Debits"),
    )
