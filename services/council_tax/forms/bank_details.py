"""Fields for a bank account: forgiving of how digits are typed, and never filled in with what was kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from portal.kit import Lazy, TextField
from portal.kit import lazy_gettext as _
from services.council_tax.rules.bank_details import Fault, NotDigits, is_name, read_account_number, read_sort_code

SORT_CODE: Final = _("Sort code")
ACCOUNT_NUMBER: Final = _("Account number")
LONGEST_NAME: Final = 70
NOT_A_PAIR: Final = _("This account number does not go with the sort code. Check both against your bank card or app")
"""For a number that fails the modulus check."""
WRONG_SORT_CODE: Final[Mapping[Fault, Lazy]] = {
    "letters": _("Sort code must be made of numbers only, like 30-94-30"),
    "length": _("Sort code must have 6 numbers, like 30-94-30"),
    "roll_number": _("Sort code must have 6 numbers, like 30-94-30"),
    "nobodys": _("No bank has this number. Check it against your bank card or app"),
}
WRONG_NUMBER: Final[Mapping[Fault, Lazy]] = {
    "letters": _("Account number must be made of numbers only, like 00733445"),
    "length": _("Account number must have 6, 7 or 8 numbers, like 00733445"),
    "roll_number": _(
        "Account number must have no more than 8 numbers. If this is a building society roll number,"
        " ask your building society for the account number to use for Direct Debits and payments"
    ),
    "nobodys": _("No bank has this number. Check it against your bank card or app"),
}


class _DigitsField(TextField):
    """Digits of a bank account. `data` holds them bare."""

    def __init__(
        self,
        label: Lazy,
        *,
        read: Callable[[str], str | NotDigits],
        wrong: Mapping[Fault, Lazy],
        **kwargs: Any,  # those of a text field
    ) -> None:
        self.read = read
        self.wrong = wrong
        super().__init__(
            label,
            max_length=40,
            inputmode="numeric",
            spellcheck=False,
            autocomplete="off",
            mark_optional=False,
            **kwargs,
        )

    def process_data(self, _value: object) -> None:
        """Never filled in: what was kept is not shown again."""
        super().process_data(None)

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent."""
        super().process_formdata(valuelist)
        if not self.data:
            return
        found = self.read(self.data)
        if isinstance(found, NotDigits):
            self.data = ""
            raise ValueError(str(self.wrong[found.fault]))
        self.data = found


class SortCodeField(_DigitsField):
    """Six digits."""

    def __init__(self, label: Lazy = SORT_CODE, **kwargs: Any) -> None:  # those of a text field
        kwargs.setdefault("hint", _("It has 6 numbers, like 30-94-30"))
        kwargs.setdefault("required", _("Enter a sort code"))
        super().__init__(label, read=read_sort_code, wrong=WRONG_SORT_CODE, width="10", called=SORT_CODE, **kwargs)


class AccountNumberField(_DigitsField):
    """Eight digits; shorter numbers get zeros in front."""

    def __init__(self, label: Lazy = ACCOUNT_NUMBER, **kwargs: Any) -> None:  # those of a text field
        kwargs.setdefault("hint", _("It has 6 to 8 numbers"))
        kwargs.setdefault("required", _("Enter an account number"))
        super().__init__(
            label, read=read_account_number, wrong=WRONG_NUMBER, width="10", called=ACCOUNT_NUMBER, **kwargs
        )


class AccountNameField(TextField):
    """The name on a bank account."""

    def __init__(self, **kwargs: Any) -> None:  # those of a text field
        super().__init__(
            _("What is the name on the bank account?"),
            hint=_("As it stands on your bank card, statement or app"),
            required=_("Enter the name on the bank account"),
            called=_("Name on the bank account"),
            max_length=LONGEST_NAME,
            autocomplete="name",
            spellcheck=False,
            page_heading=True,
            **kwargs,
        )

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent."""
        super().process_formdata(valuelist)
        if self.data and not is_name(self.data):
            raise ValueError(str(_("Enter the name as it stands on your bank card, in letters")))
