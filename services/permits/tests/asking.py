"""Somebody who asks for permits, and pays for them: what the tests of permits begin with."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from portal.kit import Account, AddressProof, DemoGazetteer, clock, put_in_basket, session, start_draft
from services.permits.models.zones import Zone, ZonePlace
from services.permits.operations.applying import apply
from services.permits.operations.changing import Proofs
from services.permits.queries.permits import find_permit
from services.permits.rules.lengths import Length
from services.permits.rules.permits import Application, Permit
from services.permits.rules.vehicles import Fuel, Vehicle
from services.permits.workflow import SERVICE
from tests.support.paying_through import goes_to_pay, succeeds
from tests.support.payments import PlayedGateway

HOMES: Final = DemoGazetteer().by_postcode("W6 9JU")
HOME: Final = HOMES[0]
POSTCODE_ZONES: Final = {"W6 9JU": "K", "W14 0AA": "L"}
YEAR: Final = Length(months=12)


def lay_out(**caps: int) -> None:
    """Two zones, K around `HOME` and L beside it; the home before the last is car-free, the last has no permits.

    `caps` are zone K's: `resident=1`.
    """
    for code in ("K", "L"):
        session().add(
            Zone(
                code=code,
                title=f"Zone {code}",
                hours="Monday to Friday, 9am to 5pm",
                caps=caps if code == "K" else {},
                rules={},
            )
        )
    session().flush()
    for postcode, code in POSTCODE_ZONES.items():
        session().add(ZonePlace(by="postcode", key=postcode, rule="zone", zone=code))
    session().add(ZonePlace(by="uprn", key=HOMES[-2].uprn, rule="car_free", zone="K"))
    session().add(ZonePlace(by="uprn", key=HOMES[-1].uprn, rule="no_permits", zone=None))
    session().commit()


def car(vrm: str = "AA19AAA", **facts: Any) -> Vehicle:
    """A petrol car of 120 g/km that DVLA knows."""
    known: dict[str, Any] = {"co2": 120, "fuel": Fuel.PETROL, "engine_cc": 1400, "type_approval": "M1", "euro": 6}
    return Vehicle(registration=vrm, make="SAMPLE", first_registered=date(2019, 3, 1), **(known | facts))


def asks(vrm: str = "AA19AAA", **more: Any) -> Application:
    """For a resident permit of a year from today, for `HOME`."""
    home = more.pop("home", HOME)
    asked: dict[str, Any] = {
        "kind": "resident",
        "address": home.label,
        "postcode": home.postcode,
        "street": home.street,
        "uprn": home.uprn,
        "first_on": clock.today(),
        "length": YEAR,
        "vehicle": car(vrm),
    }
    return Application(**(asked | more))


def lives_at(home: Any = HOME) -> Proofs:
    """The council tax record says so."""
    return [
        AddressProof(
            source="council_tax",
            reference="71000101",
            uprn=home.uprn,
            lines=home.lines,
            postcode=home.postcode,
            as_of_at=clock.now(),
        )
    ]


def sends(
    account: Account, application: Application, *, proofs: Proofs | None = None, draft: UUID | None = None
) -> Permit:
    """Fill in a draft and send it, committed."""
    draft_id = draft or start_draft(account, service=SERVICE, journey="permit").id
    session().commit()
    permit = apply(account, draft_id=draft_id, application=application, proofs=lives_at() if proofs is None else proofs)
    session().commit()
    return permit


def pays(account: Account, gate: PlayedGateway, *permits: Permit) -> list[Permit]:
    """Put them in the basket, go to the gateway and pay there; what they are then."""
    for each in permits:
        put_in_basket(account, service=SERVICE, code="permit", key=str(each.id))
    session().commit()
    reference = goes_to_pay(account)
    succeeds(account, gate, reference)
    return [now(each) for each in permits]


def now(permit: Permit) -> Permit:
    """What has become of a permit."""
    found = find_permit(permit.id)
    assert found is not None
    return found


def has_permit(account: Account, gate: PlayedGateway, application: Application, proofs: Proofs | None = None) -> Permit:
    """Ask, and pay."""
    return pays(account, gate, sends(account, application, proofs=proofs))[0]
