"""A permit, an application for one and what is known about it: values that rules, operations and pages share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, get_args
from uuid import UUID

from services.permits.rules.lengths import Length
from services.permits.rules.vehicles import Vehicle

Kind = Literal["resident", "visitor", "business", "carer", "temporary"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Why = Literal["first", "renewal", "vehicle", "address"]
"""What a permit was asked for: a new one, or in the place of another of its chain."""
Status = Literal["asked", "to_pay", "active", "expired", "replaced", "cancelled", "revoked", "refused", "lapsed"]
"""`asked`: an officer decides. `lapsed`: not paid in time. `cancelled`: taken back or ended by whose it is. `revoked`:
ended by the council."""
IN_PLACE: Final[frozenset[Why]] = frozenset({"vehicle", "address"})
"""What is a change of a length that was bought, and no new length."""
HOLDING: Final[frozenset[Status]] = frozenset({"asked", "to_pay", "active"})
"""Those that have a place."""
MOVABLE: Final[frozenset[Kind]] = frozenset({"resident", "visitor", "temporary"})
"""Kinds that follow who lives at the address; a business and care are at one, as their papers say."""
Keeper = Literal["me", "household", "employer", "hired"]
"""Whose the vehicle is, as the applicant says. DVLA does not say it."""
PLACED: Final = "placed"
"""In the answers of a permit: an officer said where its address is, which was typed."""
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many permits in a scope at once. `about` is what is full when it is: person, household, zone."""

    scope: str
    most: int
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A permit at a glance, as lists show it. Its last day is the last on which it is valid."""

    id: UUID
    kind: Kind
    vrm: str
    first_on: date
    last_on: date
    status: Status
    held_until_at: datetime | None

    def is_valid_on(self, day: date) -> bool:
        """Whether one may park with it on that day."""
        return self.status == "active" and self.first_on <= day <= self.last_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Held):
    """One permit for one stretch of days.

    `price_pence` is what is to be paid for it, `worth_pence` what its whole length from `bought_on` costs with this
    vehicle: they differ after a change. `price_steps` is how the price came about: words and pence. `account_id` is
    None once the person is forgotten. `reason` is a code of `rules/reasons.py`, or several with spaces between;
    `caps` are what it counts against.
    """

    case_id: UUID
    reference: str
    chain_id: UUID
    predecessor_id: UUID | None
    why: Why
    account_id: UUID | None
    business_id: UUID | None
    zone: str
    zone_title: str
    uprn: str | None
    address: str
    answers: Mapping[str, Any]  # plain JSON: what else was said on the application
    length: Length
    bought_on: date
    reason: str
    caps: tuple[Cap, ...]
    tariff_id: UUID | None
    price_steps: tuple[tuple[str, int], ...]
    number: int
    """Which vehicle in order it was when it was priced."""
    back_pence: int
    """What a change for a cheaper vehicle or zone brings back."""
    price_pence: int
    worth_pence: int
    paid_pence: int
    refunded_pence: int
    line_id: UUID | None
    created_at: datetime
    active_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What somebody asks for.

    `uprn`, `street` and `postcode` are the gazetteer's; an address that was typed has no UPRN, and `zone` is then the
    one that the applicant names, for an officer to confirm. `vehicle` is None for visitor parking. `first_on` is the
    day from which they want it. `marks` are the tariff's codes of what else is true (`disabled`), `answers` whatever
    else is kept with it, plain JSON. `proofs` are the purposes of the documents sent.
    """

    kind: Kind
    address: str
    postcode: str
    street: str
    first_on: date
    length: Length
    uprn: str | None = None
    zone: str = ""
    vehicle: Vehicle | None = None
    keeper: Keeper = "me"
    why: Why = "first"
    business_id: UUID | None = None
    marks: frozenset[str] = frozenset()
    proofs: frozenset[str] = frozenset()
    answers: Mapping[str, Any] = field(default_factory=dict)  # plain JSON

    @property
    def vrm(self) -> str:
        """The vehicle's registration mark; empty where there is none."""
        return self.vehicle.registration if self.vehicle else ""

    @property
    def last_on(self) -> date:
        """The last day of the length that is asked for."""
        return self.length.last_day(self.first_on)


PlaceRule = Literal["zone", "car_free", "no_permits", "outside"]


@dataclass(frozen=True, slots=True)
class Place:
    """What holds at an address: permits of `zone`; visitors of it alone (`car_free`); none; or in no zone at all."""

    rule: PlaceRule
    zone: str = ""
    title: str = ""
    hours: str = ""


OUTSIDE: Final = Place("outside")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known on the day beside the application.

    `full` names the first cap that is reached (`person`, `household`, `zone`), or is empty. `car_has_one`: another
    permit of the zone, valid or asked for, names the car on one of the days. `address_proven`: by a council record
    joined to the account, or by a document that an officer accepted not long ago. `temporary_before`: the car had a
    temporary permit in the last year.
    """

    today: date
    ahead_days: int
    place: Place | None
    full: str = ""
    car_has_one: bool = False
    address_proven: bool = False
    business_open: bool = False
    temporary_before: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """The rules suffice: it is theirs once it is paid for."""


@dataclass(frozen=True, slots=True)
class NeedsOfficer:
    """The rules do not suffice. `reasons` are codes of `rules/reasons.py`: all that the officer has to see to."""

    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All of them, as they are kept of a permit."""
        return " ".join(self.reasons)


@dataclass(frozen=True, slots=True)
class Refusal:
    """It cannot be had. `reason` is a code of `rules/reasons.py`."""

    reason: str


Decision = Granted | NeedsOfficer | Refusal
