"""What a permit was asked for, as an application: for renewals, changes, and whatever an officer finds out of it."""

from services.permits.queries.facts import find_vehicle_facts
from services.permits.rules.permits import Application, Permit


def again(permit: Permit) -> Application:
    """The same as a permit has."""
    said = permit.answers
    return Application(
        kind=permit.kind,
        address=permit.address,
        postcode=said.get("postcode", ""),
        street=said.get("street", ""),
        first_on=permit.first_on,
        length=permit.length,
        uprn=permit.uprn,
        zone="" if permit.uprn else permit.zone,
        vehicle=find_vehicle_facts(permit.vrm) if permit.vrm else None,
        keeper=said.get("keeper", "me"),
        business_id=permit.business_id,
        marks=frozenset(said.get("marks", ())),
    )
