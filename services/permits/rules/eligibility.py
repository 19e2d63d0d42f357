"""Whether somebody can have a permit: granted, refused, or for an officer to decide. Pure.

What is refused outright comes first, so that nobody waits for an officer who can only say no.
"""

from collections.abc import Callable, Iterator
from typing import Final

from services.permits.rules.permits import Application, Decision, Facts, Granted, Keeper, NeedsOfficer, Refusal
from services.permits.rules.vehicles import Sort

LORRIES: Final = ("N2", "N3")
"""Categories of goods vehicles above 3.5 tonnes (Regulation (EU) 2018/858, article 4)."""
OTHERS: Final[frozenset[Keeper]] = frozenset({"employer", "hired"})
"""Whose vehicle the applicant may use by papers alone."""

Rule = Callable[[Application, Facts], Refusal | None]


def decide(application: Application, facts: Facts) -> Decision:
    """What becomes of an application: the first refusal counts, else all that an officer has to see to."""
    for rule in _REFUSALS:
        refusal = rule(application, facts)
        if refusal is not None:
            return refusal
    reasons = tuple(_for_an_officer(application, facts))
    return NeedsOfficer(reasons) if reasons else Granted()


def _days(application: Application, facts: Facts) -> Refusal | None:
    if application.first_on < facts.today:
        return Refusal("too_late")
    if application.why == "first" and (application.first_on - facts.today).days > facts.ahead_days:
        return Refusal("too_far_ahead")
    return None


def _place(application: Application, facts: Facts) -> Refusal | None:
    if facts.place is None:
        return None if application.zone else Refusal("zone_not_named")
    if facts.place.rule == "zone":
        return None
    if facts.place.rule == "car_free" and application.kind == "visitor":
        return None
    return Refusal(facts.place.rule)


def _vehicle(application: Application, _facts: Facts) -> Refusal | None:
    if application.kind == "visitor":
        return Refusal("visitor_with_car") if application.vrm else None
    vehicle = application.vehicle
    if vehicle is None or not vehicle.registration:
        return Refusal("no_vehicle")
    if vehicle.sort is Sort.BUS or vehicle.type_approval.upper().startswith(LORRIES):
        return Refusal("bus_or_lorry")
    return None


def _caps(application: Application, facts: Facts) -> Refusal | None:
    if facts.full == "person" and application.business_id is not None:
        return Refusal("business")
    return Refusal(facts.full) if facts.full else None


def _one_for_a_car(application: Application, facts: Facts) -> Refusal | None:
    if facts.car_has_one:
        return Refusal("car_has_one")
    if application.kind == "temporary" and facts.temporary_before:
        return Refusal("temporary_before")
    return None


def _missing_proof(application: Application, facts: Facts) -> Refusal | None:
    if _needs_address(application, facts) and "address" not in application.proofs:
        return Refusal("no_proof")
    if _needs_vehicle_papers(application) and "vehicle" not in application.proofs:
        return Refusal("no_vehicle_proof")
    if application.kind == "carer" and application.why == "first" and "carer" not in application.proofs:
        return Refusal("no_carer_proof")
    if application.kind == "business" and not facts.business_open and "business" not in application.proofs:
        return Refusal("no_business_proof")
    if _needs_reduction(application) and "reduction" not in application.proofs:
        return Refusal("no_reduction_proof")
    return None


def _for_an_officer(application: Application, facts: Facts) -> Iterator[str]:
    """What has to be found out, read or judged, in the order in which an officer does it."""
    if facts.place is None:
        yield "address_typed"
    if application.kind == "business" and not facts.business_open:
        yield "business_not_known"
    if application.kind == "carer" and application.why == "first":
        yield "carer_proof_to_read"
    if _needs_address(application, facts):
        yield "proof_to_read"
    if _needs_reduction(application):
        yield "reduction_to_check"
    yield from _of_the_vehicle(application)


def _of_the_vehicle(application: Application) -> Iterator[str]:
    vehicle = application.vehicle
    if application.kind == "visitor" or vehicle is None:
        return
    if vehicle.source != "dvla":
        yield "vehicle_not_known"
    if _needs_vehicle_papers(application) and application.keeper in OTHERS:
        yield "vehicle_proof_to_read"
    if vehicle.sort is Sort.OTHER:
        yield "vehicle_unusual"


def _needs_address(application: Application, facts: Facts) -> bool:
    """Carers prove the care, businesses themselves; everybody else that they live there."""
    return application.kind in ("resident", "visitor", "temporary") and not facts.address_proven


def _needs_reduction(application: Application) -> bool:
    """Nobody pays less on their own word. What an officer has seen once counts for renewals and changes."""
    return application.why == "first" and bool(application.marks)


def _needs_vehicle_papers(application: Application) -> bool:
    """Where the vehicle is somebody else's, or unknown to DVLA. A renewal is for a car whose papers were read."""
    vehicle = application.vehicle
    if vehicle is None or application.kind in ("visitor", "temporary") or application.why in ("renewal", "address"):
        return False
    return application.keeper in OTHERS or vehicle.source != "dvla"


_REFUSALS: Final[tuple[Rule, ...]] = (_days, _place, _vehicle, _one_for_a_car, _caps, _missing_proof)
