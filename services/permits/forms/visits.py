"""Forms of visitor parking."""

from collections.abc import Sequence

from portal.kit import ConfirmField, Form, Lazy, RadioField, SelectField, TextField, money
from portal.kit import lazy_gettext as _
from services.permits.queries.visits import Offer, Stay
from services.permits.rules.visit_prices import HOUR, time_said


class StartForm(Form):
    """Which car, and for how long."""

    registration = TextField(
        _("Registration of the visitor’s car"),
        hint=_("As it is on the number plate, such as AB12 CDE."),
        required=_("Enter the car’s registration, as it is on its number plate, such as AB12 CDE"),
        max_length=20,
        width="10",
        autocomplete="off",
    )
    hours = SelectField(
        _("For how long"),
        hint=_("It begins now. Stop it early, and the hours that have not begun come back to you."),
        required=_("Choose for how long"),
    )

    def __init__(self, stays: Sequence[Stay], **values: str) -> None:
        super().__init__(**values)
        self.hours.choices = [(str(each.hours), _how_long(each)) for each in stays]


class HoursForm(Form):
    """How many hours to buy. The page gives what is offered."""

    hours = RadioField(
        _("How many hours do you want to buy?"), required=_("Choose how many hours to buy"), page_heading=True
    )

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self.hours.choices = [(str(each.hours), _words(each)) for each in offers]


class GiveBackForm(Form):
    """Whether all unused hours are to be paid back."""

    sure = ConfirmField(
        _("Give back all hours that I have not used"),
        required=_("Tick the box if you want to give your hours back"),
    )


def _how_long(stay: Stay) -> Lazy:
    time = time_said(stay.hours * HOUR)
    if stay.taken == stay.hours * HOUR:
        return time
    return _("%(time)s, which takes %(taken)s of yours", time=time, taken=time_said(stay.taken))


def _words(offer: Offer) -> Lazy:
    return _("%(time)s for %(price)s", time=time_said(offer.hours * HOUR), price=money(offer.pence))
