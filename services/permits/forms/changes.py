"""Forms for what changes about a permit that is there."""

from datetime import date

from portal.kit import ConfirmField, DateField, Form, SelectField, TextField, clock, ngettext
from portal.kit import lazy_gettext as _


class EndForm(Form):
    """Whether the permit is to end today."""

    sure = ConfirmField(
        _("End this permit today"),
        required=_("Tick the box if you want to end this permit"),
    )


class CourtesyForm(Form):
    """Which car, from when and for how many days."""

    registration = TextField(
        _("Registration number of the courtesy car"),
        hint=_("As it is on the number plate, such as AB12 CDE."),
        required=_("Enter the registration number of the courtesy car"),
        called=_("Registration number"),
        width="10",
        max_length=20,
        spellcheck=False,
        autocomplete="off",
    )
    day = DateField(
        _("First day"),
        hint=_("Today or later. For example, 27 3 2026."),
        required=_("Enter the first day of the courtesy car"),
        called=_("The first day"),
    )
    days = SelectField(_("For how long"), blank=None, required=_("Select for how long"))

    def __init__(self, *, most: int) -> None:
        super().__init__({"day": clock.today(), "days": str(most)})
        self.days.choices = [
            (str(number), ngettext("%(n)s day", "%(n)s days", number)) for number in range(1, most + 1)
        ]

    @property
    def first_on(self) -> date:
        """The first day, once the form was accepted."""
        day: date | None = self.day.data
        assert day is not None, "asked before the form was accepted"
        return day
