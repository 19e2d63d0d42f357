"""What a council may set: `MOOTHALL_REPORTING_…`."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, model_validator

from portal.kit import ServiceSettings
from services.reporting.settings.area import Area
from services.reporting.settings.categories import Catalogue, Category, Way, read_catalogue
from services.reporting.settings.ground import Ground, Ward, read_ground
from services.reporting.settings.offices import Office
from services.reporting.settings.open311 import Open311
from services.reporting.settings.shapes import Point

DATA: Final = Path(__file__).resolve().parents[1] / "data"
WORKS: Final = "works"
OfficeName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]


class ReportingSettings(ServiceSettings):
    """Settings of the service "Report a problem in your street"."""

    area: Area = Area()
    """Where we look after the streets, with a margin. The default surrounds the demo's postcodes."""
    other_councils_url: str = Field("https://www.gov.uk/find-local-council", pattern=r"^https://")
    """Where a resident finds out who is responsible outside our area."""
    categories_file: Path = DATA / "categories.json"
    """What can be reported, with questions, promises and ways out, as a JSON file: see `settings/categories.py`."""
    map_folder: Path = DATA / "map"
    """The council's own map as GeoJSON files: boundary, wards, neighbours, streets, parks and `assets/`. The demo's is
    invented. See `settings/ground.py`."""
    tiles_url: str = Field("", pattern=r"^(https://[^\s;,{}]+/[^\s;,]*)?$")
    """Where browsers get pictures for the map from, with `{z}`, `{x}` and `{y}`. None by default: the map is drawn from
    `map_folder`. The browser sees the whole address, so a key in it must be one that may be seen."""
    tiles_attribution: str = Field("", max_length=200)
    """Whom the pictures are from, as their licence wants it said on the map."""
    categories_off: frozenset[str] = frozenset()
    """Codes of categories that are not taken at the moment, besides those that the file switches off."""
    words_shown: Literal["at_once", "after_a_look"] = "at_once"
    """When everybody sees the words of a report or an update: as it comes, or when a moderator has let them."""
    reports_a_day: int = Field(20, ge=1, le=1000)
    """How many reports one resident may send in 24 hours."""
    photos_an_hour: int = Field(30, ge=1, le=1000)
    """How many photos one resident may upload in an hour, those that are replaced included."""
    lookups_in_ten_minutes: int = Field(30, ge=1, le=1000)
    """How many postcodes one resident may look up in ten minutes."""
    photos_a_report: int = Field(5, ge=1, le=20)
    """How many photos one person may add to a report."""
    guests: bool = True
    """Whether one may report without an account, with a confirmed e-mail address."""
    guest_hours: int = Field(72, ge=1, le=336)
    """How long a guest has to confirm their address. After that all they wrote is forgotten."""
    open311: Open311 = Open311()
    """How programs of others are let in."""
    offices: Mapping[OfficeName, Office] = Field(default_factory=dict)
    """The systems of others that reports go to, by the names that categories call them."""
    works_url: str = Field("", pattern=r"^(https?://[^\s?#]+)?$")
    """The Open311 server of a contractor, to which `works_categories` go. It needs no entry in `offices`: there it is
    called `works`. The demo plays it."""
    works_key: SecretStr = SecretStr("")
    """Our key there."""
    works_categories: frozenset[str] = frozenset({"street_light", "traffic_light", "crossing"})
    """Codes of categories that go there while it is set, unless the file sends them elsewhere."""
    near_metres: int = Field(50, ge=10, le=500)
    """How near an open report of a like kind is shown before a new one is sent."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """What can be reported, as `categories_file` says."""
        return read_catalogue(self.categories_file)

    @cached_property
    def ground(self) -> Ground:
        """The council's map, as `map_folder` has it."""
        return read_ground(self.map_folder)

    @property
    def wards(self) -> tuple[Ward, ...]:
        """The council's wards. The first that holds a report's place is its area, by which it is routed and listed."""
        return self.ground.wards

    @model_validator(mode="after")
    def _map_is_sound(self) -> Self:
        middle = Point(self.area.example_lat, self.area.example_lon)
        if "map_folder" in self.model_fields_set and not self.ground.is_ours(middle):
            raise ValueError("area.example_lat and area.example_lon are no place within the boundary in map_folder")
        return self

    @model_validator(mode="after")
    def _categories_are_sound(self) -> Self:
        unknown = self.categories_off - set(self.catalogue.by_code)
        if unknown:
            raise ValueError(f"categories_off names no category of the file: {', '.join(sorted(unknown))}")
        return self

    @property
    def every_office(self) -> Mapping[str, Office]:
        """All systems of others by name, the contractor's among them."""
        works = {WORKS: Office(kind="open311", url=self.works_url, key=self.works_key)} if self.works_url else {}
        return {**works, **self.offices}

    def way_of(self, category: Category) -> Way:
        """Where reports of a category go."""
        if category.way.kind == "desk" and self.works_url and category.code in self.works_categories:
            return Way(kind="open311", office=WORKS)
        return category.way

    @model_validator(mode="after")
    def _ways_lead_somewhere(self) -> Self:
        lost = [
            f"{each.code} goes to {each.way.office} by {each.way.kind}"
            for each in self.catalogue.categories
            if each.way.kind != "desk"
            and (each.way.office not in self.every_office or self.every_office[each.way.office].kind != each.way.kind)
        ]
        if lost:
            raise ValueError(f"offices names no such system: {'; '.join(lost)}")
        return self
