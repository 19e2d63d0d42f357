"""What a council may set: `MOOTHALL_REPORTING_…`."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from portal.kit import ServiceSettings

FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

CategoryCode = Literal["fly_tipping", "pothole", "street_light", "graffiti", "street_cleaning"]
WorkingDays = Annotated[int, Field(ge=1, le=60)]


class Area(BaseModel):
    """The rectangle that holds the council's streets, in WGS84 degrees."""

    model_config = FROZEN

    south: float = Field(51.455, ge=-90, le=90)
    """Its southern edge."""
    west: float = Field(-0.335, ge=-180, le=180)
    """Its western edge. West of Greenwich is negative."""
    north: float = Field(51.530, ge=-90, le=90)
    """Its northern edge."""
    east: float = Field(-0.170, ge=-180, le=180)
    """Its eastern edge."""
    example_lat: float = Field(51.4927, ge=-90, le=90)
    """A latitude in it, as an example for residents."""
    example_lon: float = Field(-0.2339, ge=-180, le=180)
    """A longitude in it, as an example for residents."""
    example_postcode: str = Field("W6 9JU", min_length=5, max_length=8)
    """A postcode in it, as an example for residents."""

    @model_validator(mode="after")
    def _edges_are_in_order(self) -> Self:
        if self.south >= self.north or self.west >= self.east:
            raise ValueError("south must be less than north, and west less than east")
        return self

    @model_validator(mode="after")
    def _example_is_inside(self) -> Self:
        inside = self.south <= self.example_lat <= self.north and self.west <= self.example_lon <= self.east
        if not inside:
            raise ValueError("example_lat and example_lon must be a place inside the area")
        return self


class Ward(BaseModel):
    """A ward, as the rectangle that is good enough to say which team is near."""

    model_config = FROZEN

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    """What it is called in rules and rights."""
    south: float = Field(ge=-90, le=90)
    """Its southern edge, in WGS84 degrees."""
    west: float = Field(ge=-180, le=180)
    """Its western edge."""
    north: float = Field(ge=-90, le=90)
    """Its northern edge."""
    east: float = Field(ge=-180, le=180)
    """Its eastern edge."""


class ServiceDays(BaseModel):
    """Working days until a problem of each kind is dealt with."""

    model_config = FROZEN

    fly_tipping: WorkingDays = 3
    """Dumped rubbish."""
    pothole: WorkingDays = 5
    """Holes in a road or pavement."""
    street_light: WorkingDays = 4
    """Lights that are out, flicker or are on all day."""
    graffiti: WorkingDays = 7
    """Paint and posters."""
    street_cleaning: WorkingDays = 2
    """Streets that were not swept."""


class ReportingSettings(ServiceSettings):
    """Settings of the service "Report a problem in your street"."""

    area: Area = Area()
    """Where we look after the streets, with a margin. The default surrounds the demo's postcodes."""
    other_councils_url: str = Field("https://www.gov.uk/find-local-council", pattern=r"^https://")
    """Where a resident finds out who is responsible outside our area."""
    working_days: ServiceDays = ServiceDays()
    """How soon we promise to deal with each kind of problem."""
    wards: tuple[Ward, ...] = (
        Ward(code="riverside", south=51.455, west=-0.335, north=51.495, east=-0.170),
        Ward(code="northfields", south=51.495, west=-0.335, north=51.530, east=-0.170),
    )
    """The council's wards. The first that holds a report's place is its area, by which it is routed and listed."""
    categories_off: frozenset[CategoryCode] = frozenset()
    """Kinds of problem that are not taken at the moment."""
    reports_a_day: int = Field(20, ge=1, le=1000)
    """How many reports one resident may send in 24 hours."""
    photos_an_hour: int = Field(30, ge=1, le=1000)
    """How many photos one resident may upload in an hour, those that are replaced included."""
    lookups_in_ten_minutes: int = Field(30, ge=1, le=1000)
    """How many postcodes one resident may look up in ten minutes."""
