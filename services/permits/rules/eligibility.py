"""Whether somebody can have a permit: granted, refused, or for an officer to decide. Pure.

What is refused outright comes first, so that nobody waits for an officer who can only say no.
"""

from collections.abc import Callable
from typing import Final

from services.permits.rules.permits import Application, Decision, Facts, Granted, NeedsOfficer, Refusal
from services.permits.rules.vehicles import Sort

LORRIES: Final = ("N2", "N3")
"""Categories of goods vehicles above 3.5 tonnes (Regulation (EU) 2018/858, article 4)."""

Rule = Callable[[Application, Facts], Decision | None]


def decide(application: Application, facts: Facts) -> Decision:
    """What becomes of an application: the first rule that has an answer counts, refusals before officers."""
    for rule in (*_REFUSALS, *_OFFICERS):
        decision = rule(application, facts)
        if decision is not None:
            return decision
    return Granted()


def _days(application: Application, facts: Facts) -> Decision | None:
    if application.first_on < facts.today:
        return Refusal("too_late")
    if application.why == "first" and (application.first_on - facts.today).days > facts.ahead_days:
        return Refusal("too_far_ahead")
    return None


def _place(application: Application, facts: Facts) -> Decision | None:
    if facts.place is None:
        return None if application.zone else Refusal("zone_not_named")
    if facts.place.rule == "zone":
        return None
    if facts.place.rule == "car_free" and application.kind == "visitor":
        return None
    return Refusal(facts.place.rule)


def _vehicle(application: Application, _facts: Facts) -> Decision | None:
    if application.kind == "visitor":
        return Refusal("visitor_with_car") if application.vrm else None
    vehicle = application.vehicle
    if vehicle is None or not vehicle.registration:
        return Refusal("no_vehicle")
    if vehicle.sort is Sort.BUS or vehicle.type_approval.upper().startswith(LORRIES):
        return Refusal("bus_or_lorry")
    return None


def _caps(application: Application, facts: Facts) -> Decision | None:
    if facts.full == "person" and application.business_id is not None:
        return Refusal("business")
    return Refusal(facts.full) if facts.full else None


def _one_for_a_car(application: Application, facts: Facts) -> Decision | None:
    if facts.car_has_one:
        return Refusal("car_has_one")
    if application.kind == "temporary" and facts.temporary_before:
        return Refusal("temporary_before")
    return None


def _missing_proof(application: Application, facts: Facts) -> Decision | None:
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


def _unknown_place(_application: Application, facts: Facts) -> Decision | None:
    return NeedsOfficer("address_typed") if facts.place is None else None


def _papers_to_read(application: Application, facts: Facts) -> Decision | None:
    if application.kind == "business" and not facts.business_open:
        return NeedsOfficer("business_not_known")
    if application.kind == "carer" and application.why == "first":
        return NeedsOfficer("carer_proof_to_read")
    if _needs_address(application, facts):
        return NeedsOfficer("proof_to_read")
    return NeedsOfficer("reduction_to_check") if _needs_reduction(application) else None


def _vehicle_to_judge(application: Application, _facts: Facts) -> Decision | None:
    vehicle = application.vehicle
    if application.kind == "visitor" or vehicle is None:
        return None
    if vehicle.source != "dvla":
        return NeedsOfficer("vehicle_not_known")
    if _needs_vehicle_papers(application):
        return NeedsOfficer("vehicle_proof_to_read")
    return NeedsOfficer("vehicle_unusual") if vehicle.sort is Sort.OTHER else None


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
    return application.keeper in ("employer", "hired") or vehicle.source != "dvla"


_REFUSALS: Final[tuple[Rule, ...]] = (_days, _place, _vehicle, _one_for_a_car, _caps, _missing_proof)
_OFFICERS: Final[tuple[Rule, ...]] = (_unknown_place, _papers_to_read, _vehicle_to_judge)
