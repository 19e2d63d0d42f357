"""The questions about council tax reduction, a refund and an arrangement, one form a page."""

from collections.abc import Sequence
from typing import Final

from portal.kit import Form, Lazy, RadioField, TextAreaField
from portal.kit import lazy_gettext as _
from services.council_tax.forms.bank_details import AccountNameField, AccountNumberField, SortCodeField
from services.council_tax.forms.money_field import MoneyField
from services.council_tax.rules.instalments import DAYS

MOST_A_WEEK: Final = 10_000_00
"""An income beyond this, in pence, is a slip: people type a year's."""
_YES_NO: Final[Sequence[tuple[str, Lazy]]] = (("yes", _("Yes")), ("no", _("No")))


class AgeForm(Form):
    """Which of the two schemes."""

    pension_age = RadioField(
        _("Are you, or the partner you live with, old enough for Pension Credit?"),
        hint=_("The age is the State Pension age, which is 66 or a little more."),
        choices=_YES_NO,
        required=_("Select yes if you or your partner are old enough for Pension Credit"),
        page_heading=True,
    )


class GuaranteeForm(Form):
    """Who gets it need not say what they have."""

    guarantee = RadioField(
        _("Do you get the guarantee part of Pension Credit?"),
        hint=_("Your letter about Pension Credit says so."),
        choices=_YES_NO,
        required=_("Select yes if you get the guarantee part of Pension Credit"),
        page_heading=True,
    )


class OlderForm(Form):
    """The allowance is higher for who reached pension age before a day."""

    older = RadioField(
        _("Did you or your partner reach State Pension age before 1 April 2021?"),
        choices=_YES_NO,
        required=_("Select yes if one of you reached State Pension age before 1 April 2021"),
        page_heading=True,
    )


class PartnerForm(Form):
    """A couple counts together."""

    partner = RadioField(
        _("Do you live with a partner?"),
        hint=_("Somebody you are married to, in a civil partnership with, or live with as if you were."),
        choices=_YES_NO,
        required=_("Select yes if you live with a partner"),
        page_heading=True,
    )


class ChildrenForm(Form):
    """For whom they get Child Benefit."""

    children = RadioField(
        _("For how many children who live with you do you get Child Benefit?"),
        choices=[(str(each), str(each)) for each in range(6)] + [("6", _("6 or more"))],
        required=_("Select how many children live with you"),
        page_heading=True,
    )


class OthersForm(Form):
    """Who else might pay their share."""

    others = RadioField(
        _("How many other people of 18 or over live with you?"),
        hint=_("Leave out yourself and your partner."),
        choices=[(str(each), str(each)) for each in range(4)] + [("4", _("4 or more"))],
        required=_("Select how many other people of 18 or over live with you"),
        page_heading=True,
    )


class IncomeForm(Form):
    """After tax, by week, of both."""

    income = MoneyField(
        _("How much money do you get a week?"),
        hint=_(
            "After tax: pay, pensions and benefits, of you and your partner together. Leave out Child Benefit, Personal"
            " Independence Payment and Attendance Allowance. For a monthly sum, multiply by 12 and divide by 52."
        ),
        required=_("Enter how much money you get a week, or 0"),
        called=_("Money a week"),
        page_heading=True,
    )

    def accepted(self) -> bool:
        """Whether a sum was posted that can be of a week."""
        if not super().accepted():
            return False
        if self.income.data > MOST_A_WEEK:
            self.refuse(_("Money a week is too much. Check that it is not a year’s"), "income")
            return False
        return True


class SavingsForm(Form):
    """What they have put by."""

    savings = MoneyField(
        _("How much do you have in savings?"),
        hint=_("Of you and your partner together: accounts, cash, shares, and homes other than the one you live in."),
        required=_("Enter how much you have in savings, or 0"),
        called=_("Savings"),
        page_heading=True,
    )


class AmountForm(Form):
    """How much of the credit."""

    pence = MoneyField(
        _("How much do you want back?"),
        required=_("Enter how much you want back"),
        called=_("The amount"),
        page_heading=True,
    )


class PayeeForm(Form):
    """The name that the bank knows."""

    payee_name = AccountNameField()


class PayeeSortCodeForm(Form):
    """Six digits."""

    sort_code = SortCodeField(_("What is the sort code?"), page_heading=True)


class PayeeNumberForm(Form):
    """Eight digits."""

    account_number = AccountNumberField(_("What is the account number?"), page_heading=True)


class MonthsForm(Form):
    """How long. The page fills in the choices with what each payment would be."""

    months = RadioField(
        _("Over how many months do you want to spread what you owe?"),
        hint=_("Choose what you can keep to, with rent and food paid first."),
        required=_("Select over how many months"),
        page_heading=True,
    )


class PayDayForm(Form):
    """Which day of the month."""

    day = RadioField(
        _("On which day of the month will you pay?"),
        hint=_("Soon after your pay or benefits arrive is easiest."),
        choices=[(str(day), _("Day %(day)s of the month", day=day)) for day in DAYS],
        required=_("Select the day on which you will pay"),
        page_heading=True,
    )


class AffordForm(Form):
    """What an officer should know."""

    afford = TextAreaField(
        _("Is there anything that we should know?"),
        hint=_("For example, that you are ill. Leave it empty if there is nothing. Leave out bank details."),
        called=_("Your answer"),
        max_length=1000,
        rows=6,
        mark_optional=False,
        page_heading=True,
    )
