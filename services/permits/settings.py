"""What a council may set: `MOOTHALL_PERMITS_…`."""

from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from portal.kit import ServiceSettings

FROZEN: Final = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
OURSELVES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Caps(BaseModel):
    """How many permits of one kind may run at once. None: as many as one likes."""

    model_config = FROZEN

    person: int | None = Field(None, ge=0, le=100)
    """For one account, or one business."""
    household: int | None = Field(None, ge=0, le=100)
    """For one address, by its UPRN."""


class KindCaps(BaseModel):
    """The most permits of each kind. What a zone as a whole may have is said with the zone."""

    model_config = FROZEN

    resident: Caps = Caps(person=2, household=3)
    """Hammersmith & Fulham (2025): every adult one, a second vehicle dearer; here at most three for an address."""
    carer: Caps = Caps(person=1, household=2)
    """Carers who visit an address."""
    temporary: Caps = Caps(person=1, household=2)
    """While papers for a new or hired car are on their way."""
    business: Caps = Caps(person=2)
    """Merton: at most two for each business."""


class AnswerDays(BaseModel):
    """Working days until an officer has decided."""

    model_config = FROZEN

    resident: int = Field(5, ge=1, le=90)
    """Resident permits."""
    visitor: int = Field(5, ge=1, le=90)
    """Visitor parking."""
    business: int = Field(10, ge=1, le=90)
    """Business permits."""
    carer: int = Field(5, ge=1, le=90)
    """Carer permits."""
    temporary: int = Field(2, ge=1, le=90)
    """Temporary permits."""


class PermitSettings(ServiceSettings):
    """Settings of parking permits."""

    dvla_url: str = Field("", pattern=r"^(https?://[^\s]+)?$")
    """The address of DVLA's Vehicle Enquiry Service without `/v1/vehicles`, such as
    `https://driver-vehicle-licensing.api.gov.uk/vehicle-enquiry`. Empty: residents give the facts from the V5C."""
    dvla_key: SecretStr | None = None
    """The key that DVLA gave the council for it."""
    dvla_waits_seconds: float = Field(4.0, ge=0.2, le=20)
    """How long a page waits for DVLA, retries included, before it asks for the facts instead."""
    caps: KindCaps = KindCaps()
    """How many permits may run at once."""
    tariffs: Path = Path(__file__).parent / "data" / "demo"
    """The folder of the council's prices: one JSON file for each version, by its first day. The default is invented;
    `data/published` has what councils have published, as examples."""
    courtesy_days: int = Field(14, ge=1, le=60)
    """For how long a permit may stand for a courtesy car (two weeks is usual)."""
    courtesy_days_a_year: int = Field(42, ge=1, le=366)
    """How many such days a permit may have in 12 months."""
    hold_minutes: int = Field(30, ge=5, le=1440)
    """How long whoever has sent an application may take to begin paying, while its place is held for them. It is held
    for the gateway's 90 minutes beyond that."""
    hold_days: int = Field(14, ge=1, le=60)
    """For how many days the place is held when an officer has decided: they are told by letter, and may be away."""
    vehicles_counted: Literal["person", "household"] = "person"
    """Whose vehicles make one the second, which may be dearer: of the person (Hammersmith & Fulham) or of the household
    (Ealing)."""
    ahead_days: int = Field(28, ge=0, le=90)
    """How many days ahead a permit may be asked to begin."""
    renew_days: int = Field(28, ge=1, le=90)
    """From how many days before its end a permit can be renewed, and is reminded of."""
    proof_days: int = Field(90, ge=1, le=365)
    """How many days after the decision documents sent as proof are kept."""
    proof_lasts_days: int = Field(400, ge=1, le=1500)
    """For how long a proof of address that was accepted counts for renewals."""
    applications_a_day: int = Field(10, ge=1, le=1000)
    """How many applications one resident may send in 24 hours."""
    visitor_hours: tuple[int, ...] = (5, 10, 20, 40)
    """How many hours of visitor parking can be bought at once. Those that cost less than the tariff's least purchase
    are not offered."""
    visitor_hours_most: int = Field(500, ge=1, le=10_000)
    """How many hours one resident may have bought and not used."""
    visit_hours_longest: int = Field(24, ge=1, le=168)
    """How long a visitor's car may be there without being started anew."""
    enforcement_calls_a_minute: int = Field(1200, ge=1, le=1_000_000)
    """How many calls each token may make in a minute to ask which cars may park."""
    answer_days: AnswerDays = AnswerDays()
    """How soon we promise a decision where an officer makes it."""

    @model_validator(mode="after")
    def _dvla_with_key(self) -> "PermitSettings":
        if bool(self.dvla_url) != (self.dvla_key is not None):
            raise ValueError("DVLA_URL and DVLA_KEY belong together: set both or neither")
        if (
            self.dvla_url
            and not self.dvla_url.startswith("https://")
            and urlsplit(self.dvla_url).hostname not in OURSELVES
        ):
            raise ValueError(
                "DVLA_URL must be https away from this machine: it carries the key and residents' vehicles"
            )
        return self
