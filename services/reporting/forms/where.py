"""The questions about where it is: each of the ways is enough by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import wtforms

from portal.kit import (
    Form,
    PostcodeField,
    RadioField,
    Refused,
    SelectField,
    TextAreaField,
    TextField,
    gettext,
    normalise_postcode,
    settings_of,
)
from portal.kit import lazy_gettext as _
from services.reporting.rules.journey import NONE_OF_THESE, Way
from services.reporting.rules.places import OUTSIDE, Fault, Outside, Point, read_coordinates, said_of_outside
from services.reporting.rules.where import said_of, whose
from services.reporting.settings.categories import Category
from services.reporting.settings.ground import Asset, Neighbour, Street
from services.reporting.settings.reporting import ReportingSettings


class WhereForm(Form):
    """Which way of saying where it is. All are equal; what bears a number can be named by it."""

    where = RadioField(
        _("How do you want to tell us where it is?"),
        required=_("Select how you want to tell us where it is"),
        page_heading=True,
    )

    def __init__(self, prefill: object | None, category: Category) -> None:
        super().__init__(prefill)
        self.where.choices = [
            (Way.ADDRESS, _("By postcode and address"), _("The address that is nearest to the problem")),
            (Way.STREET, _("By street and description"), _("For streets, parks and places without an address")),
            (Way.MAP, _("On a map"), _("Put a pin on the place, with a click or the keyboard")),
            (Way.COORDINATES, _("By the position of your phone"), _("If you are there now, or know the coordinates")),
        ]
        if category.layer in settings_of(ReportingSettings).ground.assets:
            hint = _("It stands on a plate or a label on the thing itself")
            self.where.choices.append((Way.ASSET, str(category.asset_name or _("Its number")), hint))


class PostcodeForm(Form):
    """The postcode to look up."""

    postcode = PostcodeField(
        _("What is the postcode nearest to the problem?"),
        required=_("Enter the postcode nearest to the problem"),
        called=_("Postcode"),
        page_heading=True,
    )

    def __init__(self, prefill: object | None = None) -> None:
        super().__init__(prefill)
        example = settings_of(ReportingSettings).area.example_postcode
        self.postcode.hint = _("For example, %(postcode)s.", postcode=example)


class AddressForm(Form):
    """One of the addresses that were found."""

    address = SelectField(
        _("Which address is nearest to the problem?"),
        blank=_("Choose an address"),
        required=_("Select the address nearest to the problem"),
        page_heading=True,
    )

    def __init__(self, prefill: object | None, found: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(prefill)
        self.address.choices = [(address["uprn"], address["label"]) for address in found]


class StreetForm(Form):
    """A street or place in the resident's own words. Once the form is accepted, `meant` are the streets that may be
    meant, and `is_named` whether the whole name was typed. Words that the map does not know are asked about once, and
    taken when they come again; where they name another council's place, `elsewhere` says whose.
    """

    street = TextField(
        _("Street, park or place"),
        required=_("Enter the name of the street, park or place"),
        max_length=120,
    )
    whereabouts = TextAreaField(
        _("Where exactly is the problem?"),
        hint=_("For example, outside the library, or by the gate in the north corner."),
        required=_("Tell us where in the street or place the problem is"),
        called=_("Where the problem is"),
        max_length=300,
        rows=3,
    )
    unknown = wtforms.HiddenField()

    meant: Sequence[Street] = ()
    is_named: bool = False
    elsewhere: Neighbour | None = None

    def accepted(self) -> bool:
        """Whether words were posted that the map knows, or that are meant as they stand."""
        if not super().accepted():
            return False
        typed, ground = self.street.data, settings_of(ReportingSettings).ground
        self.meant = ground.streets_named_in(typed)
        self.is_named = bool(self.meant)
        self.meant = self.meant or ground.streets_like(typed)
        if self.meant:
            self.unknown.data = ""
            return True
        if self.unknown.data == typed:
            return True
        self.unknown.data, self.elsewhere = typed, ground.neighbour_named_in(typed)
        self.refuse(self._what_to_do(typed), "street")
        return False

    def _what_to_do(self, typed: str) -> str:
        if self.elsewhere:
            return said_of(self.elsewhere)
        try:
            normalise_postcode(typed)
        except Refused:
            return gettext("We know no street or park of this name here. Check it, or continue with these words")
        return gettext("This is a postcode. Enter the name of the street, or tell us by postcode and address")


class WhichForm(Form):
    """Which of the streets that may be meant."""

    which = RadioField(_("Which street do you mean?"), required=_("Select which street you mean"), page_heading=True)

    def __init__(self, prefill: object | None, meant: Sequence[Mapping[str, Any]], typed: str) -> None:
        super().__init__(prefill)
        self.which.choices = [(street["usrn"], street["label"]) for street in meant]
        self.which.choices.append((NONE_OF_THESE, _("None of these: leave it as “%(words)s”", words=typed)))


class PointForm(Form):
    """Latitude and longitude, typed or written by the map. `point` is the place once the form is accepted; where it
    is another council's, `elsewhere` says whose, if the map shows it.
    """

    lat = TextField(_("Latitude"), required=_("Enter the latitude"), max_length=60, width="10")
    # Without `required`: both numbers may be pasted into the first field. The rule says what is missing.
    lon = TextField(_("Longitude"), mark_optional=False, max_length=60, width="10")
    whereabouts = TextAreaField(
        _("Where exactly is the problem?"),
        hint=_("For example, on the pavement outside number 12."),
        called=_("Where the problem is"),
        max_length=300,
        rows=2,
    )

    point: Point
    elsewhere: Neighbour | None = None

    def __init__(self, prefill: object | None = None, *, on_map: bool = False) -> None:
        super().__init__(prefill)
        area = settings_of(ReportingSettings).area
        self.lat.hint = _("How far north. For example, %(example)s.", example=area.example_lat)
        self.lon.hint = _(
            "How far east. For example, %(example)s. West of Greenwich, put a minus sign in front.",
            example=area.example_lon,
        )
        if on_map:
            self.lat.required = _("Put the pin on the map where the problem is, or enter the latitude")

    def accepted(self) -> bool:
        """Whether two numbers were posted that mean a place of ours."""
        if not super().accepted():
            return False
        settings = settings_of(ReportingSettings)
        found = read_coordinates(self.lat.data, self.lon.data, settings.area)
        if isinstance(found, Fault):
            self.refuse(found.sentence, found.field)
            return False
        place = found.point if isinstance(found, Outside) else found
        answer = whose(place, settings.area, settings.ground) if place else Outside()
        match answer:
            case Point():
                self.point = answer
                return True
            case Neighbour():
                self.elsewhere = answer
                self.refuse(said_of(answer), "lat")
            case Outside():
                self.refuse(said_of_outside(place) if place else OUTSIDE, "lat")
        return False


class AssetForm(Form):
    """The number on a thing in the street. `thing` is that thing once the form is accepted."""

    number = TextField("", required=_("Enter the number"), max_length=40, width="10", page_heading=True)
    whereabouts = TextAreaField(
        _("Anything else about where it is"),
        called=_("Where the problem is"),
        max_length=300,
        rows=2,
    )

    thing: Asset

    def __init__(self, prefill: object | None, category: Category) -> None:
        super().__init__(prefill)
        self.number.text = str(category.asset_name or _("Its number"))
        self.number.hint = _(
            "It stands on a plate or a label on the thing itself. For example, %(number)s.", number=_example(category)
        )
        self._layer = category.layer

    def accepted(self) -> bool:
        """Whether there is a thing with that number."""
        if not super().accepted():
            return False
        thing = settings_of(ReportingSettings).ground.find_asset(self._layer, self.number.data)
        if thing is None:
            self.refuse(
                gettext("We know nothing with this number. Check it, or tell us where it is another way"), "number"
            )
            return False
        self.thing = thing
        return True


def _example(category: Category) -> str:
    layer = settings_of(ReportingSettings).ground.assets.get(category.layer)
    return layer.shapes[0].facts["number"] if layer and layer.shapes else ""
