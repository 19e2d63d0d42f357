"""Where it is: by address, in words, on the map, by the phone's position, or by the number on the thing itself."""

from typing import Any

from flask.typing import ResponseReturnValue

from portal.kit import Form, Refused, TooMany, Unavailable, allow_pictures_from, settings_of
from portal.kit import gettext as _
from services.reporting.forms.where import (
    AddressForm,
    AssetForm,
    PointForm,
    PostcodeForm,
    StreetForm,
    WhereForm,
    WhichForm,
)
from services.reporting.queries import own
from services.reporting.rules.journey import NONE_OF_THESE, Step, kept_place
from services.reporting.rules.where import at_asset, at_named_street, at_point, at_street
from services.reporting.settings.ground import Street
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.asking import Asking, ask, go_on, question


@question(Step.WHERE)
def where(asking: Asking) -> ResponseReturnValue:
    """Which way of saying where it is."""
    form = WhereForm(asking.draft.answers.get(Step.WHERE), asking.category)
    if form.accepted():
        return go_on(asking, Step.WHERE, where=form.where.data)
    return ask("question", asking, Step.WHERE, form, heading=form.where.text)


@question(Step.POSTCODE)
def postcode(asking: Asking) -> ResponseReturnValue:
    """The postcode, whose addresses are kept in the draft: asked once, however often the pages are opened."""
    form = PostcodeForm(asking.draft.answers.get(Step.POSTCODE))
    if form.accepted():
        try:
            found = own.find_addresses(asking.account, form.postcode.data)
        except (Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "postcode")
        else:
            return go_on(asking, Step.POSTCODE, postcode=form.postcode.data, found=found)
    return ask_where("place", asking, Step.POSTCODE, form, heading=form.postcode.text)


@question(Step.ADDRESS)
def address(asking: Asking) -> ResponseReturnValue:
    """Which of the addresses."""
    looked_up = asking.draft.answers[Step.POSTCODE]
    form = AddressForm(asking.draft.answers.get(Step.ADDRESS), looked_up["found"])
    if form.accepted():
        return go_on(asking, Step.ADDRESS, address=form.address.data)
    return ask_where("address", asking, Step.ADDRESS, form, heading=form.address.text, postcode=looked_up["postcode"])


@question(Step.STREET)
def street(asking: Asking) -> ResponseReturnValue:
    """A street or place in words. A name that several streets bear, or nearly bear, asks which."""
    form = StreetForm(asking.draft.answers.get(Step.STREET))
    if form.accepted():
        typed, whereabouts, meant = form.street.data, form.whereabouts.data, form.meant
        found = meant[0] if len(meant) == 1 and form.is_named else None
        place = kept_place(at_named_street(found, typed, whereabouts) if found else at_street(None, typed, whereabouts))
        offered = [] if found else [_offered(each, whereabouts) for each in meant]
        kept = {"street": typed, "whereabouts": whereabouts, "unknown": form.unknown.data}
        return go_on(asking, Step.STREET, **kept, place=place, meant=offered)
    return ask_where("street", asking, Step.STREET, form, heading=_("Which street or place is it?"))


@question(Step.WHICH)
def which(asking: Asking) -> ResponseReturnValue:
    """Which street of those that may be meant."""
    typed = asking.draft.answers[Step.STREET]
    form = WhichForm(asking.draft.answers.get(Step.WHICH), typed["meant"], typed["street"])
    if form.accepted():
        of = typed["street"] if form.which.data == NONE_OF_THESE else ""
        return go_on(asking, Step.WHICH, which=form.which.data, of=of)
    return ask_where("place", asking, Step.WHICH, form, heading=form.which.text)


@question(Step.MAP)
def on_map(asking: Asking) -> ResponseReturnValue:
    """A pin on the map."""
    return _at_point(asking, Step.MAP, _("Where on the map is the problem?"))


@question(Step.COORDINATES)
def coordinates(asking: Asking) -> ResponseReturnValue:
    """The phone's position, or coordinates."""
    return _at_point(asking, Step.COORDINATES, _("Where are you, or where is the problem?"))


@question(Step.ASSET)
def asset(asking: Asking) -> ResponseReturnValue:
    """The number on the thing itself."""
    form, category = AssetForm(asking.draft.answers.get(Step.ASSET), asking.category), asking.category
    if form.accepted():
        place = kept_place(at_asset(form.thing, str(category.asset_name or ""), form.whereabouts.data))
        kept = {"number": form.number.data, "whereabouts": form.whereabouts.data, "layer": category.layer}
        return go_on(asking, Step.ASSET, **kept, place=place)
    return ask_where("place", asking, Step.ASSET, form, heading=form.number.text)


def ask_where(template: str, asking: Asking, step: Step, form: Form, **values: Any) -> str:
    """The page of a question about the place, with the way out for places of other councils."""
    elsewhere = settings_of(ReportingSettings).other_councils_url
    return ask(template, asking, step, form, other_councils_url=elsewhere, **values)


def _at_point(asking: Asking, step: Step, heading: str) -> ResponseReturnValue:
    form, settings = PointForm(asking.draft.answers.get(step), on_map=step is Step.MAP), settings_of(ReportingSettings)
    category = asking.category
    if form.accepted():
        named = str(category.asset_name or "")
        place = at_point(form.point, form.whereabouts.data, settings.ground, category.layer, named)
        said = {"lat": form.point.lat, "lon": form.point.lon, "whereabouts": form.whereabouts.data}
        return go_on(asking, step, **said, place=kept_place(place))
    if settings.tiles_url:
        allow_pictures_from(settings.tiles_url)
    layer = category.layer if category.layer in settings.ground.assets else ""
    shown = {"settings": settings, "layer": layer, "category": category, "on_map": step is Step.MAP}
    return ask_where("point", asking, step, form, heading=heading, **shown)


def _offered(found: Street, whereabouts: str) -> dict[str, Any]:
    place = kept_place(at_street(found, found.name, whereabouts))
    return {"usrn": found.key, "label": found.label, "place": place}
