"""Where the council looks after the streets."""

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FROZEN: Final = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


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
