"""The questions of the price calculator."""

from collections.abc import Mapping
from typing import Final

from wtforms.validators import ValidationError

from portal.kit import CheckboxesField, DateField, Form, RadioField, SelectField, TextField, clock
from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from services.permits.forms.whole_number import WholeNumberField
from services.permits.rules.price_models import Question
from services.permits.rules.price_questions import APPROVED, MOST_CC, MOST_GRAMS
from services.permits.rules.tariff import Tariff
from services.permits.rules.vehicle_words import FUELS, SORTS
from services.permits.rules.vehicles import Fuel, Sort, Vehicle
from services.permits.rules.wanted import Wanted

UNKNOWN: Final = "unknown"
EUROS: Final = [(str(number), f"Euro {number}") for number in range(1, 7)]
FIRST_CAR: Final = 1885
"""The year of the first motor car."""


def in_the_past(_form: object, field: DateField) -> None:
    """Refuse days on which no motor vehicle was registered."""
    day = field.data
    if day is not None and (day.year < FIRST_CAR or day > clock.today()):
        raise ValidationError(_("The day of first registration must be in the past"))


class KindForm(Form):
    """Which permit, and which vehicle if DVLA is to be asked."""

    kind = RadioField(_l("What do you want the price of?"), required=_l("Select what you want the price of"))
    registration = TextField(
        _l("Registration number of the vehicle"),
        hint=_l(
            "We ask DVLA for its emissions, and keep nothing. Without a number you can enter the details yourself."
        ),
        width="10",
        max_length=20,
        spellcheck=False,
        autocomplete="off",
    )


class FactsForm(Form):
    """What a price depends on. A form is cut down by `only` to what the tariff asks."""

    sort = RadioField(_l("What kind of vehicle is it?"), required=_l("Select what kind of vehicle it is"))
    fuel = RadioField(_l("What does it run on?"), required=_l("Select what it runs on"))
    co2 = WholeNumberField(
        _l("CO2 emissions"),
        hint=_l("In grams for each kilometre: V.7 in the log book (V5C). Leave it empty if nothing is there."),
        most=MOST_GRAMS,
        suffix="g/km",
        width="5",
    )
    registered = DateField(
        _l("When was it first registered?"),
        hint=_l("B in the log book (V5C), for example 27 3 2017."),
        called=_l("The day of first registration"),
        validators=[in_the_past],
    )
    engine_cc = WholeNumberField(
        _l("Size of the engine"),
        hint=_l("P.1 in the log book (V5C). It counts for old vehicles, which have no CO2 figure."),
        most=MOST_CC,
        suffix="cc",
        width="5",
    )
    euro = SelectField(
        _l("Which Euro emission standard does it meet?"),
        hint=_l("It counts for diesel. Leave it empty if you do not know it."),
        choices=EUROS,
    )
    number = RadioField(
        _l("Which vehicle with a permit would it be in your household?"),
        choices=[("1", _l("The first")), ("2", _l("The second")), ("3", _l("The third"))],
        required=_l("Select which vehicle it would be"),
    )
    tier = SelectField(
        _l("Which of the council’s price bands is the vehicle in?"),
        hint=_l("Leave it empty if you do not know it: the highest counts then."),
    )
    zone = SelectField(
        _l("Which parking zone?"), hint=_l("It is on the signs in the street. Leave it empty if it is not here.")
    )
    marks = CheckboxesField(_l("Is any of this true?"), hint=_l("Select all that are."))

    def only(self, tariff: Tariff, wanted: Wanted, zones: Mapping[str, str]) -> None:
        """Ask for what makes a difference, and offer what the tariff has. `zones`: code and title."""
        self.sort.choices = [(sort.value, words) for sort, words in SORTS.items()]
        self.fuel.choices = [*((fuel.value, words) for fuel, words in FUELS.items()), (UNKNOWN, _("I do not know"))]
        self.tier.choices = [(tier, tier) for tier in wanted.tiers]
        self.zone.choices = list(zones.items())
        self.marks.choices = [(mark, str(tariff.marks[mark])) for mark in wanted.marks]
        some = {"tier": wanted.tiers, "marks": wanted.marks, "zone": zones if wanted.zone else ()}
        asked = {*wanted.asks, *(name for name, codes in some.items() if codes)}
        for name in self._fields.keys() - asked:
            del self[name]

    def question(self, tariff: Tariff, kind: str) -> Question:
        """What the answers ask."""
        said = {field.name: field.data for field in self}
        fuel, sort = said.get("fuel"), said.get("sort")
        return Question(
            kind=kind,
            length=tariff.prices(kind).lengths[0],
            vehicle=Vehicle(
                fuel=Fuel(fuel) if fuel and fuel != UNKNOWN else None,
                co2=said.get("co2"),
                engine_cc=said.get("engine_cc"),
                first_registered=said.get("registered"),
                euro=int(said["euro"]) if said.get("euro") else None,
                type_approval=APPROVED[Sort(sort)] if sort else "",
                source="resident",
            ),
            number=int(said.get("number") or 1),
            zone=said.get("zone") or "",
            tier=said.get("tier") or "",
            marks=frozenset(said.get("marks") or ()),
        )


def prefilled(question: Question, *, looked_up: bool) -> dict[str, object]:
    """The form's answers for a question. A fuel that DVLA was asked for and did not say is one that is not known."""
    vehicle = question.vehicle
    return {
        "sort": vehicle.sort or ("" if looked_up else Sort.CAR),
        "fuel": vehicle.fuel or (UNKNOWN if looked_up else ""),
        "co2": vehicle.co2,
        "registered": vehicle.first_registered,
        "engine_cc": vehicle.engine_cc,
        "euro": vehicle.euro,
        "number": question.number,
        "tier": question.tier,
        "zone": question.zone,
        "marks": sorted(question.marks),
    }
