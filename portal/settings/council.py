"""The council's own face, where it looks addresses up, and how long its residents stay signed in."""

from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from portal.settings.section import Section


class Council(Section):
    """The council's own face."""

    name: str = "Marlowe Borough Council"
    """The council's name, as printed in the header and in e-mails. The default council is invented."""
    name_cy: str = "Cyngor Bwrdeistref Marlowe"
    """The council's name in Welsh."""
    brand_colour: str = Field("#1f3d7a", pattern=r"^#[0-9a-fA-F]{6}$")
    """Header and brand colour, `#rrggbb`. Text on it is white."""
    link_colour: str = Field("#1a56a8", pattern=r"^#[0-9a-fA-F]{6}$")
    """Colour of links, `#rrggbb`; at least 4.5:1 on white."""
    typeface: str = Field('"Helvetica Neue", Helvetica, Arial, sans-serif', pattern=r"^[A-Za-z0-9 ,\"'-]{1,200}$")
    """CSS font stack. GOV.UK's own typeface may not be used by councils."""
    logo_path: str | None = None
    """An SVG or PNG file to show in the header. Without it, the invented council's mark."""
    telephone: str = "020 7946 0100"
    """The number residents may ring, shown on help and error pages."""
    email: str = "help@marlowe.example"
    """The address residents may write to."""
    website: str = "https://www.marlowe.example"
    """The council's main web site."""
    payment_hosts: frozenset[str] = frozenset()
    """Hosts of payment pages besides that of the council's website: `["pay.council.example"]`. Staff can send residents
    to pay at these and nowhere else."""
    closed_on: frozenset[date] = frozenset()
    """Days on which the council is closed besides weekends and bank holidays: `["2026-12-29", "2026-12-30"]`. They do
    not count towards what is promised."""

    def called(self, language: str) -> str:
        """The council's name in that language."""
        return self.name_cy if language == "cy" else self.name

    @property
    def pays_at(self) -> frozenset[str]:
        """Every host at which a resident may be asked to pay, in small letters."""
        own = urlsplit(self.website).hostname
        return frozenset(host.lower() for host in self.payment_hosts) | ({own} if own else set())


class Gazetteer(Section):
    """Where addresses are looked up."""

    source: Literal["demo", "os_places"] = "demo"
    """`demo`: invented streets on real postcodes. `os_places`: Ordnance Survey's OS Places API."""
    os_places_url: str = "https://api.os.uk/search/places/v1"
    """OS Places' base address."""
    os_places_key: SecretStr | None = None
    """The API key of OS Places."""

    @model_validator(mode="after")
    def _key_is_there(self) -> "Gazetteer":
        if self.source == "os_places" and not self.os_places_key:
            raise ValueError("os_places needs os_places_key")
        return self


class Sessions(Section):
    """How long a resident stays signed in."""

    idle_minutes: int = Field(30, ge=5, le=240)
    """Signed out after this long without a request."""
    absolute_hours: int = Field(12, ge=1, le=24)
    """Signed out this long after signing in, whatever happens."""
    warn_minutes: int = Field(5, ge=1, le=60)
    """How long before the idle limit a page warns."""
