"""The questions of the journey, one form a page."""

from portal.kit import (
    FileField,
    Form,
    PostcodeField,
    RadioField,
    SelectField,
    TextAreaField,
    TextField,
    settings_of,
)
from portal.kit import lazy_gettext as _
from services.reporting.rules.categories import offered
from services.reporting.rules.journey import Way
from services.reporting.rules.places import OUTSIDE, Fault, Outside, Point, read_coordinates
from services.reporting.settings.reporting import ReportingSettings


class KindForm(Form):
    """What kind of problem."""

    kind = RadioField(
        _("What kind of problem is it?"),
        choices=lambda: [
            (category.code, category.title, category.hint)
            for category in offered()
        ],
        required=_("Select what kind of problem it is"),
        page_heading=True,
    )


class WhereForm(Form):
    """Which way of saying where it is."""

    where = RadioField(
        _("How do you want to tell us where it is?"),
        choices=[
            (Way.ADDRESS, _("By postcode and address"), _("The address that is nearest to the problem")),
            (Way.STREET, _("By street and description"), _("For streets, parks and places without an address")),
            (Way.COORDINATES, _("By coordinates"), _("Latitude and longitude, as a phone or a map shows them")),
        ],
        required=_("Select how you want to tell us where it is"),
        page_heading=True,
    )


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
    """One of the addresses that were found. The view gives the choices."""

    address = SelectField(
        _("Which address is nearest to the problem?"),
        blank=_("Choose an address"),
        required=_("Select the address nearest to the problem"),
        page_heading=True,
    )


class StreetForm(Form):
    """A street or place in the resident's own words."""

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


class CoordinatesForm(Form):
    """Latitude and longitude. `point` is the place once the form is accepted."""

    lat = TextField(
        _("Latitude"),
        required=_("Enter the latitude"),
        max_length=60,
        width="10",
    )
    # Without `required`: both numbers may be pasted into the first field. The rule says what is missing.
    lon = TextField(
        _("Longitude"),
        mark_optional=False,
        max_length=60,
        width="10",
    )

    point: Point

    def __init__(self, prefill: object | None = None) -> None:
        super().__init__(prefill)
        area = settings_of(ReportingSettings).area
        self.lat.hint = _("How far north. For example, %(example)s.", example=area.example_lat)
        self.lon.hint = _(
            "How far east. For example, %(example)s. West of Greenwich, put a minus sign in front.",
            example=area.example_lon,
        )

    def accepted(self) -> bool:
        """Whether two numbers were posted that mean a place in our area."""
        if not super().accepted():
            return False
        found = read_coordinates(self.lat.data, self.lon.data, settings_of(ReportingSettings).area)
        match found:
            case Point():
                self.point = found
                return True
            case Fault(field, sentence):
                self.refuse(sentence, field)
            case Outside():
                self.refuse(OUTSIDE, "lat")
        return False


class DescriptionForm(Form):
    """What is wrong, in the resident's own words."""

    description = TextAreaField(
        _("What is wrong?"),
        hint=_("What you see, how large it is and whether it is in anybody's way. Do not name people."),
        required=_("Tell us what is wrong"),
        called=_("The description"),
        max_length=2000,
        rows=8,
        page_heading=True,
    )


class PhotoForm(Form):
    """One photo, if there is one."""

    photo = FileField(
        _("Photo"),
        accept="image/jpeg,image/png,image/webp",
    )

    def __init__(self, prefill: object | None = None) -> None:
        super().__init__(prefill)
        self.photo.hint = _(
            "JPEG, PNG or WebP, up to %(size)s MB. We remove the place and time that phones hide in photos.",
            size=self.photo.max_megabytes,
        )


class CheckForm(Form):
    """Nothing to fill in: the button sends what was answered."""
