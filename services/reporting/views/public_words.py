"""What the public pages of reports say, in words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from portal.kit import Lazy, Status, lazy_gettext, settings_of
from portal.kit import gettext as _
from services.reporting.queries.public import PublicReport, ShownPhoto
from services.reporting.queries.updates import PublicUpdate
from services.reporting.rules.categories import catalogue, title_of
from services.reporting.rules.wanted import STATES, State, Wanted, read_circle
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.workflow import TAG_COLOURS, TagColour, status_called

GROUP: Final = "group:"
KEPT: Final = ("category", "ward", "state", "lat", "lon", "metres", "near")
"""What of an address is kept from page to page: the filters."""
LONGEST_NAME: Final = 20
LONGEST_UNKNOWN: Final = 40
MEANINGS: Final[Mapping[str, Lazy]] = {
    "received": lazy_gettext("We have this report."),
    "with_team": lazy_gettext("The team that fixes these problems has this report."),
}
"""Where the words of the status speak to whoever reported it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A report in a list, in the reader's language."""

    report: PublicReport

    @property
    def title(self) -> str:
        """What kind of problem it is."""
        return title_of(self.report.category)

    @property
    def where(self) -> str:
        """The place in words; the ward while nobody has let the words be seen."""
        return self.report.place or ward_title(self.report.ward)

    @property
    def status(self) -> Status:
        """Where it stands."""
        return status_called(self.report.status)

    @property
    def meaning(self) -> str:
        """What the status means, for readers who did not report it themselves."""
        return str(MEANINGS.get(self.report.status, self.status.meaning))

    @property
    def colour(self) -> TagColour:
        """The colour of the status's tag."""
        return TAG_COLOURS.get(self.report.status, "grey")

    @property
    def ward(self) -> str:
        """The ward's name."""
        return ward_title(self.report.ward)

    @property
    def url(self) -> str:
        """Its page."""
        return url_for("reporting.public_report", reference=self.report.reference)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the timeline of a report."""

    at: datetime
    title: str
    who: str
    words: str
    photos: Sequence[ShownPhoto] = ()


def ward_title(code: str) -> str:
    """What residents call a ward; its code where the map no longer has it."""
    wards = settings_of(ReportingSettings).wards
    return next((ward.title for ward in wards if ward.code == code), code)


def timeline_of(
    updates: Sequence[PublicUpdate], council_name: str, photos: Sequence[ShownPhoto] = ()
) -> Sequence[Entry]:
    """What was said and done, newest first, each with its own of the photos that may be seen."""
    return [_entry(each, council_name, [photo for photo in photos if photo.update_id == each.id]) for each in updates]


def _entry(update: PublicUpdate, council_name: str, photos: Sequence[ShownPhoto]) -> Entry:
    says = {
        "reporter": _("The person who reported it"),
        "resident": _("Somebody else"),
        "staff": council_name,
        "office": _("The people who fix these problems"),
    }
    title = str(status_called(update.status).title) if update.status else _("Update")
    return Entry(update.at, title, says.get(update.said_by, ""), update.words, photos)


def wanted_from(values: MultiDict[str, str]) -> Wanted:
    """The reports that an address asks for. What it names wrongly narrows nothing: see `unknown_words`."""
    chosen, ward, state = values.get("category", ""), values.get("ward", ""), values.get("state", "")
    known = {ward.code for ward in settings_of(ReportingSettings).wards}
    return Wanted(
        categories=_categories(chosen),
        ward=ward if ward in known else "",
        state=_state(state),
        circle=read_circle(values.to_dict()),
    )


def kept_filters(**more: Any) -> Mapping[str, Any]:
    """The filters of this page's address that we know, for the address of another."""
    unknown = _unknown(request.args)
    given = {name: request.args[name][:80] for name in KEPT if request.args.get(name) and name not in unknown}
    return {**given, **more}


def unknown_words() -> str:
    """What to say of filters in the address that narrow nothing, such as a ward that was renamed; empty for none."""
    unknown = [request.args[name][:LONGEST_UNKNOWN] for name in _unknown(request.args)]
    said = ", ".join(f"“{''.join(filter(str.isprintable, each))}”" for each in unknown)
    return _("We do not know %(what)s. It narrows nothing.", what=said) if unknown else ""


def filters_for(wanted: Wanted) -> Sequence[Mapping[str, Any]]:
    """The choices above the list and the map, as their template draws them."""
    chosen = request.args.get("category", "") if wanted.categories else ""
    states = {"": _("Open and closed"), "open": _("Open"), "closed": _("Closed")}
    wards = {"": _("All wards")} | {ward.code: ward.title for ward in settings_of(ReportingSettings).wards}
    return [
        _choice("category", _("Problem"), {"": _("All problems"), **_kinds()}, chosen),
        _choice("ward", _("Ward"), wards, wanted.ward),
        _choice("state", _("Which"), states, wanted.state),
    ]


def chosen_words() -> Sequence[str]:
    """What the address narrows the reports to, in words: problem, ward, open or closed, and the place."""
    wanted = wanted_from(request.args)
    chosen = [item for each in filters_for(wanted) for item in each["items"] if item["checked"] and item["value"]]
    return [*(str(item["text"]) for item in chosen), *([around_words(wanted)] if wanted.circle else [])]


def around_words(wanted: Wanted) -> str:
    """The circle that the reports are in; empty where they are from everywhere."""
    if wanted.circle is None:
        return ""
    place = near_words()
    if place:
        return _("Within %(n)s metres of %(place)s", n=wanted.circle.metres, place=place)
    return _("Within %(n)s metres of a place on the map", n=wanted.circle.metres)


def near_words() -> str:
    """The place that the address says it is about, for the page to name; it was typed, so it is shown as text."""
    return request.args.get("near", "")[:LONGEST_NAME]


def _kinds() -> dict[str, str]:
    """Each group, and each of its categories that everybody may see."""
    found = {}
    for group in catalogue().groups:
        shown = [each for each in catalogue().categories if each.group == group.code and not each.private]
        if shown:
            found[f"{GROUP}{group.code}"] = _("%(group)s: all", group=group.title)
            found |= {each.code: str(each.title) for each in shown}
    return found


def _unknown(values: MultiDict[str, str]) -> Collection[str]:
    """The names of the filters in an address that say what we do not know."""
    wanted = wanted_from(values)
    place = dict.fromkeys(("lat", "lon", "metres"), bool(wanted.circle))
    known = {"category": bool(wanted.categories), "ward": bool(wanted.ward), "state": bool(wanted.state), **place}
    return [name for name, found in known.items() if values.get(name) and not found]


def _categories(chosen: str) -> tuple[str, ...]:
    if chosen.startswith(GROUP):
        return tuple(each.code for each in catalogue().categories if each.group == chosen.removeprefix(GROUP))
    return (chosen,) if chosen in catalogue().by_code else ()


def _state(given: str) -> State:
    return given if given in STATES else ""  # type: ignore[return-value]  # one of those, as just seen


def _choice(name: str, label: str, options: Mapping[str, str], chosen: str) -> Mapping[str, Any]:
    items = [{"value": value, "text": text, "checked": value == chosen} for value, text in options.items()]
    return {"id": name, "label": label, "items": items}
