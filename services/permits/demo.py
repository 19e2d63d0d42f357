"""Parking for the demo's people, on the streets of the demo's gazetteer. Cars and companies are
invented, and each car is the one that the stand-in of DVLA knows by its registration."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import Range, insert

from portal.kit import Account, Address, AddressProof, DemoGazetteer, clock, move_case, open_case, session
from services.permits.models.businesses import Business, BusinessMember
from services.permits.models.permits import Permit, Vehicle
from services.permits.models.visitors import VisitorBalance
from services.permits.models.zones import Zone, ZonePlace
from services.permits.operations.places import take_places
from services.permits.operations.sending import send
from services.permits.operations.tariffs import keep_tariff
from services.permits.queries.permits import find_permit_of_case
from services.permits.queries.tariffs import tariff_on
from services.permits.rules.caps import caps_for
from services.permits.rules.lengths import Length
from services.permits.rules.permits import DAY, Application, Kind
from services.permits.rules.vehicles import Fuel, vehicle_data
from services.permits.rules.vehicles import Vehicle as VehicleFacts
from services.permits.settings import KindCaps
from services.permits.workflow import ACTOR, type_of

DEMO: Final = UUID("2f1f7c53-8a55-4b4e-9d9e-5b1d3b0a6c41")
"""The space of the demo's ids, so that loading again finds what is there."""
WEEKDAYS: Final = "Monday to Friday, 9am to 5pm"
ZONES: Final = (
    ("A", "Zone A, Riverside North", WEEKDAYS, ("W6 0", "W6 6"), ()),
    ("B", "Zone B, Market", "Monday to Saturday, 8:30am to 6:30pm", ("W6 7", "W6 8"), ()),
    ("C", "Zone C, Inglewick", WEEKDAYS, ("W6 9",), ()),
    ("D", "Zone D, Northfields", WEEKDAYS, ("W12 0", "W12 2", "W12 6", "W12 7", "W12 8", "W12 9"), ()),
    ("E", "Zone E, Windrush", WEEKDAYS, ("W14 0", "W14 4", "W14 8", "W14 9"), ()),
    ("F", "Zone F, Stadium", "Match days and Monday to Friday, 10am to noon", ("SW6 1", "SW6 2"), ("short_hours",)),
    ("G", "Zone G, Riverside South", WEEKDAYS, tuple(f"SW6 {digit}" for digit in "345679"), ()),
)
"""Code, title, hours, postcode sectors, and what prices know of it."""
CAR_FREE: Final = ("W6 9JU", -1)
NO_PERMITS: Final = ("W6 9JX", -1)
"""A home built without parking, and one on a road without permits: the last addresses of these postcodes."""
YEAR: Final = Length(months=12)
PAID_BEFORE: Final = {
    "steps": [{"en": "Paid before this website", "cy": "Talwyd cyn y wefan hon", "pence": 0}],
    "number": 1,
    "back": 0,
}
"""Nothing was paid for these through the portal's books, so nothing can come back."""


@dataclass(frozen=True, slots=True)
class DemoPermit:
    """One permit that somebody has or had: whose, for which car, begun so many days ago."""

    person: str
    postcode: str
    zone: str
    vehicle: VehicleFacts
    worth_pence: int
    begun_days_ago: int
    kind: Kind = "resident"


SINCE_2019: Final = date(2019, 3, 1)
ADAS: Final = VehicleFacts("AA19PPP", "FORD", "RED", 120, 999, Fuel.PETROL, SINCE_2019, 6, "M1")
EDWINS: Final = VehicleFacts("AA19DSL", "FORD", "RED", 139, 1968, Fuel.DIESEL, SINCE_2019, 6, "M1")
GITAS: Final = VehicleFacts("AA19EEE", "FORD", "RED", 0, None, Fuel.ELECTRIC, SINCE_2019, None, "M1")
CAMPER: Final = VehicleFacts("AA19MPC", "FIAT", "BEIGE", 210, 2200, Fuel.DIESEL, SINCE_2019, 6, "SA")
"""Ben's: not a kind of vehicle for which the rules suffice."""
PERMITS: Final = (
    DemoPermit("ada", "W6 9JU", "C", ADAS, 12500, 340),
    DemoPermit("ada", "W6 9JU", "C", VehicleFacts(), 0, 200, kind="visitor"),
    DemoPermit("edwin", "SW6 1AA", "F", EDWINS, 11250, 380),
    DemoPermit("gita", "W6 9JX", "C", GITAS, 5000, 100, "business"),
)


def load(accounts: Mapping[str, Account], staff: str) -> None:
    """Lay the zones out and let these people park, those who are there. Doing it again adds nothing."""
    del staff  # no officer has decided anything yet: Ben's application waits for one
    _zones()
    if "gita" in accounts:
        _business(accounts["gita"])
    for number, permit in enumerate(PERMITS):
        if permit.person in accounts:
            _permit(uuid5(DEMO, f"permit {number}"), accounts[permit.person], permit)
    if "ada" in accounts:
        _balance(accounts["ada"])
    if "ben" in accounts:
        _application(accounts["ben"])


def _zones() -> None:
    for code, title, hours, sectors, marks in ZONES:
        rules = {"marks": list(marks)} if marks else {}
        _add(Zone, code=code, title=title, hours=hours, caps={}, rules=rules)
        for sector in sectors:
            _add(ZonePlace, by="sector", key=sector, rule="zone", zone=code)
    _add(ZonePlace, by="uprn", key=_home(*CAR_FREE).uprn, rule="car_free", zone="C")
    _add(ZonePlace, by="uprn", key=_home(*NO_PERMITS).uprn, rule="no_permits", zone=None)


def _business(account: Account) -> None:
    home, business = _home("W6 9JX"), uuid5(DEMO, "business")
    _add(
        Business,
        id=business,
        name="Placeholder Lettings",
        number="00000000",
        uprn=home.uprn,
        address=home.label,
        postcode=home.postcode,
        zone="C",
        status="open",
        created_at=clock.now() - timedelta(days=100),
    )
    _add(BusinessMember, business_id=business, account_id=account.id, role="owner", joined_at=clock.now())


def _permit(permit_id: UUID, account: Account, demo: DemoPermit) -> None:
    """A permit as if it had been asked for then."""
    first_on = clock.today() - timedelta(days=demo.begun_days_ago)
    with clock.as_of(datetime.combine(first_on, time(9, 30), UTC)):
        case = open_case(account, case_type=type_of(demo.kind), key=f"demo {permit_id}", facts={"why": "first"})
        if find_permit_of_case(case.id) is not None:
            return
        _write(permit_id, account, demo, first_on, case_id=case.id, reference=case.reference)
        move_case(case.id, to="granted", actor=ACTOR, channel="system")


def _write(permit_id: UUID, account: Account, demo: DemoPermit, first_on: date, **case: Any) -> None:  # its columns
    home, last_on = _home(demo.postcode), YEAR.last_day(first_on)
    is_over = last_on < first_on + timedelta(days=demo.begun_days_ago)
    business = uuid5(DEMO, "business") if demo.kind == "business" else None
    caps = caps_for(
        demo.kind,
        KindCaps(),
        holder=business or account.id,
        is_business=business is not None,
        uprn=home.uprn,
        zone=demo.zone,
        of_zone={},
    )
    _add(
        Permit,
        id=permit_id,
        **case,
        chain_id=permit_id,
        why="first",
        account_id=account.id,
        business_id=business,
        kind=demo.kind,
        zone=demo.zone,
        vrm=demo.vehicle.registration,
        uprn=home.uprn,
        address=home.label,
        answers=_said(home, first_on),
        valid=Range(first_on, last_on + DAY),
        last_on=last_on,
        length=YEAR.code,
        bought_on=first_on,
        status="expired" if is_over else "active",
        reason="last_day" if is_over else "",
        tariff_id=keep_tariff(tariff_on(first_on)),
        caps=[asdict(cap) for cap in caps],
        price=PAID_BEFORE,
        price_pence=0,
        worth_pence=demo.worth_pence,
        paid_pence=0,
        refunded_pence=0,
        created_at=clock.now(),
        active_at=clock.now(),
        closed_at=datetime.combine(last_on + DAY, time(0, 3), UTC) if is_over else None,
    )
    if not is_over:
        take_places(permit_id, caps)
    if demo.vehicle.registration:
        facts, vrm = vehicle_data(demo.vehicle), demo.vehicle.registration
        _add(Vehicle, vrm=vrm, as_of_at=clock.now(), source="dvla", facts=facts)


def _said(home: Address, on: date) -> Mapping[str, object]:
    proven = {"proven_by": "council_tax", "proven_on": on.isoformat()}
    return {"street": home.street, "postcode": home.postcode, "keeper": "me", "marks": [], "proofs": []} | proven


def _balance(account: Account) -> None:
    home = _home("W6 9JU")
    _add(
        VisitorBalance,
        id=uuid5(DEMO, "balance"),
        account_id=account.id,
        zone="C",
        uprn=home.uprn,
        minutes=12 * 60,
        created_at=clock.now(),
    )


def _application(account: Account) -> None:
    """Ben's, three days ago."""
    home = _home("W6 9JU")
    with clock.as_of(clock.now() - timedelta(days=3)):
        proof = AddressProof(
            source="council_tax",
            reference="71000101",
            uprn=home.uprn,
            lines=home.lines,
            postcode=home.postcode,
            as_of_at=clock.now(),
        )
        asked = Application(
            kind="resident",
            address=home.label,
            postcode=home.postcode,
            street=home.street,
            uprn=home.uprn,
            first_on=clock.today() + timedelta(days=7),
            length=YEAR,
            vehicle=CAMPER,
        )
        send(account, asked, key=f"demo {uuid5(DEMO, 'application')}", proofs=[proof])


def _home(postcode: str, nth: int = 0) -> Address:
    return DemoGazetteer().by_postcode(postcode)[nth]


def _add(table: type[Any], **values: Any) -> None:  # columns of any of the tables
    session().execute(insert(table).on_conflict_do_nothing(), values)
