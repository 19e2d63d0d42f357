"""Put an address that somebody typed where it is: an officer says so, before the permit can be granted.

Of an address without a UPRN nobody can tell how many permits it has, nor whether it may have any. So its caps, its zone
and its price are those of the place that the officer found.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from portal.kit import Case, Refused, clock, get_account, record
from portal.kit import gettext as _
from services.permits.operations.again import again
from services.permits.operations.granting import change
from services.permits.operations.places import leave_places, take_places
from services.permits.operations.sending import look_anew, of_outlook
from services.permits.operations.zones import LONGEST_UPRN, PlaceLine, put_places
from services.permits.queries.permits import find_permit, find_permit_of_case, hold_permit
from services.permits.queries.zones import Zone, find_place, zones
from services.permits.rules.permits import OUTSIDE, PLACED, Application, Permit
from services.permits.workflow import PLACE

PROOFS: Final = frozenset({"address", "vehicle", "carer", "business", "reduction"})
"""Whether the documents suffice is for the officer to judge, who has them."""


def note_entered(case: Case, form: str, answers: Mapping[str, Any], actor: str) -> None:  # plain JSON
    """Take what an officer found out about the address of an application that waits for them, or what they had wrong
    before. Raises Refused where the application cannot be had there, with the reason.
    """
    found = find_permit_of_case(case.id)
    permit = hold_permit(found.id) if found and form == PLACE else None
    if permit is None or permit.status != "asked" or permit.account_id is None:
        raise Refused(_("This cannot be done at the stage it has reached."))
    if permit.uprn and not permit.answers.get(PLACED):
        raise Refused(_("The applicant chose this address from the register, so it stays as it is."))
    uprn = str(answers["uprn"]).strip().lstrip("0")
    if not (uprn.isascii() and uprn.isdecimal() and len(uprn) <= LONGEST_UPRN):
        raise Refused(_("A UPRN is a number of at most 12 digits."))
    zone = _zone_said(str(answers.get("zone") or "").strip())
    street = str(answers["street"]).strip()
    _place(permit, replace(_asked(permit), uprn=uprn, street=street, zone=""), zone, actor=actor)


def keep_place(permit: Permit) -> None:
    """Where our table says nothing of a place, it says from now on what the officer did: renewals ask it again. Only
    once the permit is granted, so that a UPRN that was mistyped first, or of a permit that is refused, leaves nothing.
    """
    if permit.uprn is None or not permit.answers.get(PLACED):
        return
    said = permit.answers
    if find_place(uprn=permit.uprn, postcode=said.get("postcode", ""), street=said.get("street", "")) == OUTSIDE:
        put_places([PlaceLine("uprn", permit.uprn, "zone", permit.zone)])


def _zone_said(typed: str) -> Zone | None:
    """The zone of that code, however it is capitalised. Raises Refused where there is none."""
    zone = next((each for each in zones() if each.code.casefold() == typed.casefold()), None)
    if typed and zone is None:
        raise Refused(_("There is no parking zone %(code)s.", code=typed))
    return zone


def _asked(permit: Permit) -> Application:
    """What was asked for: from today on, where the officer has it for longer than its applicant thought."""
    first_on = max(permit.first_on, clock.today())
    return replace(again(permit), why=permit.why, first_on=first_on, proofs=PROOFS)


def _place(permit: Permit, application: Application, zone: Zone | None, *, actor: str) -> None:
    assert permit.account_id is not None  # asked by its caller
    of = find_permit(permit.predecessor_id) if permit.predecessor_id else None
    outlook = look_anew(get_account(permit.account_id), application, permit, of, zone=zone)
    answers = dict(permit.answers) | {"street": application.street, PLACED: True}
    left = " ".join(code for code in permit.reason.split() if code != "address_typed")
    change(permit.id, uprn=application.uprn, answers=answers, reason=left, **of_outlook(outlook))
    take_places(permit.chain_id, outlook.caps)
    leave_places(permit.chain_id)
    record(
        "permits.placed",
        actor=actor,
        account_id=permit.account_id,
        subject=f"case:{permit.case_id}",
        permit=str(permit.id),
        zone=outlook.zone.code if outlook.zone else "",
    )
