"""What was sent with an application, for resident and officer alike."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import Case, Fact, format_date, money, session
from portal.kit import gettext as _
from services.permits.models.businesses import Business
from services.permits.models.permits import Vehicle as VehicleRow
from services.permits.queries.permits import find_permit_of_case
from services.permits.queries.proofs import proof_facts
from services.permits.queries.tariffs import get_used_tariff
from services.permits.rules.permits import PLACED, Permit
from services.permits.rules.reasons import OFFICER
from services.permits.rules.registrations import shown
from services.permits.rules.vehicle_words import FUELS
from services.permits.rules.vehicles import Fuel

_VEHICLE = (
    select(VehicleRow.source, VehicleRow.facts)
    .where(VehicleRow.vrm == bindparam("vrm"), VehicleRow.as_of_at <= bindparam("at"))
    .order_by(VehicleRow.as_of_at.desc())
    .limit(1)
)
"""What was known when it was sent."""
_BUSINESS = select(Business.name, Business.number).where(Business.id == bindparam("business"))


def case_facts(case: Case) -> Sequence[Fact]:
    """The permit, its vehicle as it was known then, and the documents. Nothing of whom we have forgotten."""
    permit = find_permit_of_case(case.id)
    if permit is None or permit.account_id is None:
        return ()
    facts = [
        Fact(_("Address"), permit.address),
        *_where(permit),
        Fact(_("Parking zone"), permit.zone_title),
        Fact(_("First day"), format_date(permit.first_on)),
        Fact(_("Last day"), format_date(permit.last_on)),
        Fact(_("Price"), money(permit.price_pence)),
    ]
    if permit.business_id is not None:
        facts += _of_business(permit.business_id)
    if reductions := _reductions(permit):
        facts.append(Fact(_("Reductions"), reductions))
    if reasons := [str(OFFICER[code]) for code in permit.reason.split() if code in OFFICER]:
        facts.append(Fact(_("Why an officer decides"), reasons))
    return [*facts, *_of_vehicle(permit), *proof_facts(case)]


def _where(permit: Permit) -> Sequence[Fact]:
    """Where an officer found the address: what they entered, so that they can see and mend it."""
    if not permit.answers.get(PLACED):
        return ()
    return [Fact(_("UPRN"), permit.uprn or ""), Fact(_("Street"), permit.answers.get("street", ""))]


def _of_business(business_id: UUID) -> Sequence[Fact]:
    """Its name and number, of which its papers must speak."""
    row = session().execute(_BUSINESS, {"business": business_id}).one()
    lines = [line for line in (row.name, row.number) if line]
    return [Fact(_("Business"), lines)] if lines else []


def _reductions(permit: Permit) -> Sequence[str]:
    """What makes it cheaper, in the council's words."""
    said = permit.answers.get("marks", ())
    if not said or permit.tariff_id is None:
        return ()
    words = get_used_tariff(permit.tariff_id).marks
    return [str(words.get(mark, mark)) for mark in said]


def _of_vehicle(permit: Permit) -> Sequence[Fact]:
    if not permit.vrm:
        return ()
    row = session().execute(_VEHICLE, {"vrm": permit.vrm, "at": permit.created_at}).one_or_none()
    facts: dict[str, Any] = row.facts if row else {}  # plain JSON
    about = [str(facts[name]).capitalize() for name in ("colour", "make") if facts.get(name)]
    if facts.get("fuel"):
        about.append(str(FUELS[Fuel(facts["fuel"])]))
    if facts.get("co2") is not None:
        about.append(_("%(grams)s g of CO2 for each kilometre", grams=facts["co2"]))
    if facts.get("abroad"):
        about.append(_("registered in another country"))
    if row is not None:
        about.append(_("as DVLA says") if row.source == "dvla" else _("as the applicant says"))
    return [Fact(_("Vehicle"), [shown(permit.vrm), *([", ".join(about)] if about else [])])]
