"""Send an application, whatever it is for: decided at once where the rules suffice, its place held until it is paid."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_if_absent

from portal.kit import Account, AddressProof, Case, Refused, clock, move_case, open_case, session, settings_of
from portal.kit import gettext as _
from services.permits.models.permits import Permit as PermitRow
from services.permits.models.permits import Vehicle
from services.permits.operations.granting import grant
from services.permits.operations.lapsing import lapse_overdue
from services.permits.operations.numbering import PAYABLE, number_among, priced_columns
from services.permits.operations.places import find_full, take_places, wait_for
from services.permits.operations.tariffs import keep_tariff
from services.permits.queries import facts as known
from services.permits.queries.permits import bought_with, find_permit_of_case, get_permit_of_case, has_change_asked
from services.permits.queries.tariffs import get_used_tariff, tariff_on
from services.permits.queries.zones import Zone, find_place, get_zone
from services.permits.rules.caps import caps_for
from services.permits.rules.eligibility import decide
from services.permits.rules.permit_prices import Charge, charge_for_change, charge_for_new, price_for
from services.permits.rules.permits import (
    HOLDING,
    IN_PLACE,
    OUTSIDE,
    Application,
    Cap,
    Decision,
    Facts,
    NeedsOfficer,
    Permit,
    Place,
    Refusal,
)
from services.permits.rules.prices import Price
from services.permits.rules.reasons import in_words
from services.permits.rules.tariff import Tariff
from services.permits.rules.vehicles import vehicle_data
from services.permits.settings import PermitSettings
from services.permits.workflow import ACTOR, type_of

_ADD: Final = insert(PermitRow)
_ADD_VEHICLE: Final = insert_if_absent(Vehicle).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of an application sent now: the decision, its first day, the zone, what is to be paid, the caps
    it counts against. Nothing is held by it. `decision` may be a refusal: `in_words(decision.reason)` says why."""

    decision: Decision
    first_on: date
    place: Place | None
    zone: Zone | None
    charge: Charge | None
    caps: tuple[Cap, ...]
    tariff: Tariff | None
    number: int = 1


def look_ahead(
    account: Account, application: Application, *, proofs: Sequence[AddressProof] = (), of: Permit | None = None
) -> Outlook:
    """What would become of it. `of` is the permit that it renews or changes; `proofs` are `address_proofs(account)`.

    For pages that show the price and the way on before anything is sent; nothing is held by it. Raises NotPriced when
    the tariff has no price for it, Unavailable when there is no tariff, NotFound when the zone that the applicant
    named is none of ours.
    """
    return _look(account, application, of.chain_id if of else uuid.uuid4(), proofs, of)


def send(
    account: Account,
    application: Application,
    *,
    key: str,
    proofs: Sequence[AddressProof] = (),
    of: Permit | None = None,
) -> Permit:
    """Send an application. The same `key` again gives the same permit.

    What the rules grant is to be paid now, or is active at once where it costs nothing; what they cannot decide is with
    an officer. Its place is held either way. Raises Refused with the reason when the rules say no; then nothing is
    kept.
    """
    with session().begin_nested():  # of what is refused nothing stays, whatever the page commits after it
        case = open_case(account, case_type=type_of(application.kind), key=key, facts={"why": application.why})
        sent = find_permit_of_case(case.id)
        return sent or _write(account, application, case, proofs, of)


def _write(
    account: Account, application: Application, case: Case, proofs: Sequence[AddressProof], of: Permit | None
) -> Permit:
    permit_id = uuid.uuid4()
    chain_id = of.chain_id if of else permit_id
    outlook = _settled(account, application, chain_id, proofs, of)
    _keep_vehicle(application)
    officer = outlook.decision if isinstance(outlook.decision, NeedsOfficer) else None
    row: dict[str, Any] = of_outlook(outlook) | {  # columns of many types
        "id": permit_id,
        "case_id": case.id,
        "reference": case.reference,
        "chain_id": chain_id,
        "predecessor_id": of.id if of else None,
        "why": application.why,
        "account_id": account.id,
        "business_id": application.business_id,
        "kind": application.kind,
        "vrm": application.vrm,
        "uprn": application.uprn,
        "address": application.address,
        "answers": _answers(application, proofs, of),
        "valid": known.days_of(application, of),
        "last_on": known.last_day(application, of),
        "length": application.length.code,
        "bought_on": of.bought_on if of and application.why in IN_PLACE else application.first_on,
        "status": "asked",
        "reason": officer.reason if officer else "",
        "paid_pence": 0,
        "refunded_pence": 0,
        "created_at": clock.now(),
    }
    session().execute(_ADD, row)
    take_places(chain_id, outlook.caps)
    if officer:
        move_case(case.id, to="with_officer", actor=ACTOR, channel="system")
    else:
        grant(permit_id)
    return get_permit_of_case(case.id)


def of_outlook(outlook: Outlook) -> dict[str, Any]:  # columns of many types
    """The columns of a permit that follow from where it is: its zone, its caps and its price. Raises Refused."""
    charge, zone, tariff = outlook.charge, outlook.zone, outlook.tariff
    if charge is None or zone is None or tariff is None:
        raise Refused(in_words("zone_not_named"))
    return {
        "zone": zone.code,
        "caps": [asdict(cap) for cap in outlook.caps],
        "tariff_id": keep_tariff(tariff),
    } | priced_columns(charge, outlook.number)


def _settled(
    account: Account, application: Application, chain_id: UUID, proofs: Sequence[AddressProof], of: Permit | None
) -> Outlook:
    """The outlook while nobody else can change it. Raises Refused with the reason when it is none."""
    first = _look(account, application, chain_id, proofs, of)
    scopes = [cap.scope for cap in first.caps]
    zone = first.zone.code if first.zone else ""
    wait_for(*scopes, f"car:{zone}:{application.vrm}", f"chain:{chain_id}")
    lapse_overdue(scopes, zone, application.vrm)
    outlook = _look(account, application, chain_id, proofs, of)
    if isinstance(outlook.decision, Refusal):
        raise Refused(in_words(outlook.decision.reason))
    if of is not None and has_change_asked(chain_id):
        raise Refused(_("You have asked for a change of this permit already. Pay for it or take it back first."))
    return outlook


def look_anew(
    account: Account, application: Application, permit: Permit, of: Permit | None, *, zone: Zone | None
) -> Outlook:
    """What an application that waits for an officer comes to, now that more is known of it. Where our table says
    nothing of its address, that is in the officer's `zone`. Nobody else can change it before the transaction ends.
    Raises Refused with the reason when it cannot be had.
    """
    first = _look(account, application, permit.chain_id, (), of, outside=zone)
    code = first.zone.code if first.zone else ""
    wait_for(*(cap.scope for cap in first.caps), f"car:{code}:{application.vrm}", f"chain:{permit.chain_id}")
    outlook = _look(account, application, permit.chain_id, (), of, outside=zone)
    if isinstance(outlook.decision, Refusal):
        raise Refused(in_words(outlook.decision.reason))
    return outlook


def _look(
    account: Account,
    application: Application,
    chain_id: UUID,
    proofs: Sequence[AddressProof],
    of: Permit | None,
    *,
    outside: Zone | None = None,
) -> Outlook:
    place = find_place(uprn=application.uprn, postcode=application.postcode, street=application.street)
    if place == OUTSIDE and outside is not None:
        place = Place("zone", outside.code, outside.title, outside.hours)
    code = place.zone if place else application.zone
    zone = get_zone(code) if code else None
    caps = _caps(account, application, zone) if zone else ()
    facts = _facts(application, chain_id, place, zone, find_full(chain_id, caps), proofs, of)
    decision = decide(application, facts)
    if isinstance(decision, Refusal) or zone is None:
        return Outlook(decision, application.first_on, place, zone, None, caps, None)
    tariff = get_used_tariff(of.tariff_id) if of and of.tariff_id and application.why in IN_PLACE else None
    tariff = tariff or tariff_on(clock.today())
    number = _number(application, chain_id, caps, decision, of)
    price = price_for(tariff, application, zone=zone.code, number=number, marks=frozenset(zone.rules.get("marks", ())))
    charge = _charge(tariff, application, price, of)
    return Outlook(decision, application.first_on, place, zone, charge, caps, tariff, number)


def _facts(
    application: Application,
    chain_id: UUID,
    place: Place | None,
    zone: Zone | None,
    full: str,
    proofs: Sequence[AddressProof],
    of: Permit | None,
) -> Facts:
    today, days = clock.today(), known.days_of(application, of)
    return Facts(
        today=today,
        ahead_days=settings_of(PermitSettings).ahead_days,
        place=place,
        full=full,
        car_has_one=zone is not None and known.car_has_one(chain_id, zone.code, application.vrm, days),
        address_proven=bool(known.find_source(proofs, application.uprn)) or _proven_before(application, of, today),
        business_open=known.is_open_business(application.business_id),
        temporary_before=application.kind == "temporary" and known.had_temporary(chain_id, application.vrm, today),
    )


def _proven_before(application: Application, of: Permit | None, today: date) -> bool:
    """Whether the address of the permit that is renewed was proven not long ago; another vehicle moves nobody."""
    if of is None or not of.uprn or of.uprn != application.uprn:
        return False
    if application.why == "vehicle":
        return True
    proven_on = of.answers.get("proven_on")
    lasts = timedelta(days=settings_of(PermitSettings).proof_lasts_days)
    return proven_on is not None and date.fromisoformat(proven_on) + lasts >= today


def _caps(account: Account, application: Application, zone: Zone) -> tuple[Cap, ...]:
    return caps_for(
        application.kind,
        settings_of(PermitSettings).caps,
        holder=application.business_id or account.id,
        is_business=application.business_id is not None,
        uprn=application.uprn,
        zone=zone.code,
        of_zone=zone.caps,
    )


def _number(
    application: Application, chain_id: UUID, caps: Sequence[Cap], decision: Decision, of: Permit | None
) -> int:
    """Which vehicle it is. What waits for an officer beside those that wait too is counted anew once it is granted."""
    if of is not None and application.why in IN_PLACE:
        return of.number
    among = HOLDING if isinstance(decision, NeedsOfficer) else PAYABLE
    return number_among(chain_id, caps, known.days_of(application, of), among=among)


def _charge(tariff: Tariff, application: Application, price: Price, of: Permit | None) -> Charge:
    if of is None or application.why not in IN_PLACE:
        return charge_for_new(price)
    parts = bought_with(of)
    return charge_for_change(
        tariff,
        of,
        price,
        net_paid=sum(part.paid_pence - part.refunded_pence for part in parts),
        on=clock.today(),
        changes_before=sum(part.why == "vehicle" and part.active_at is not None for part in parts),
    )


def _answers(
    application: Application, proofs: Sequence[AddressProof], of: Permit | None
) -> dict[str, Any]:  # plain JSON
    """What is kept of an application beside its columns, with when its address was proven."""
    kept = dict(application.answers) | {
        "street": application.street,
        "postcode": application.postcode,
        "keeper": application.keeper,
        "marks": sorted(application.marks),
        "proofs": sorted(application.proofs),
    }
    if source := known.find_source(proofs, application.uprn):
        return kept | {"proven_by": source, "proven_on": clock.today().isoformat()}
    if of is not None and of.uprn == application.uprn:
        return kept | {name: of.answers[name] for name in ("proven_by", "proven_on") if name in of.answers}
    return kept


def _keep_vehicle(application: Application) -> None:
    vehicle = application.vehicle
    if vehicle is not None:
        row = {
            "vrm": vehicle.registration,
            "as_of_at": clock.now(),
            "source": vehicle.source,
            "facts": vehicle_data(vehicle),
        }
        session().execute(_ADD_VEHICLE, row)
