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
from services.permits.queries.zones import find_place, get_zone
from services.permits.rules.permits import OUTSIDE, Application, Permit
from services.permits.workflow import PLACE

PROOFS: Final = frozenset({"address", "vehicle", "carer", "business", "reduction"})
"""Whether the documents suffice is for the officer to judge, who has them."""


def note_entered(case: Case, form: str, answers: Mapping[str, Any], actor: str) -> None:  # plain JSON
    """Take what an officer found out about the address of an application that waits for them. Raises Refused where
    the application cannot be had there, with the reason; NotFound for a zone that there is none of.
    """
    found = find_permit_of_case(case.id)
    permit = hold_permit(found.id) if found and form == PLACE else None
    if permit is None or permit.status != "asked" or permit.account_id is None:
        raise Refused(_("This cannot be done at the stage it has reached."))
    uprn = str(answers["uprn"]).strip().lstrip("0")
    if not (uprn.isascii() and uprn.isdecimal() and len(uprn) <= LONGEST_UPRN):
        raise Refused(_("A UPRN is a number of at most 12 digits."))
    street = str(answers["street"]).strip()
    _put_in_zone(uprn, permit, street, zone=str(answers.get("zone") or "").strip())
    _place(permit, replace(_asked(permit), uprn=uprn, street=street, zone=""), actor=actor)


def _put_in_zone(uprn: str, permit: Permit, street: str, *, zone: str) -> None:
    """Where our table says nothing of the place, it says from now on what the officer does: renewals ask it again."""
    place = find_place(uprn=uprn, postcode=permit.answers.get("postcode", ""), street=street)
    if zone and place == OUTSIDE:
        put_places([PlaceLine("uprn", uprn, "zone", get_zone(zone).code)])


def _asked(permit: Permit) -> Application:
    """What was asked for: from today on, where the officer has it for longer than its applicant thought."""
    first_on = max(permit.first_on, clock.today())
    return replace(again(permit), why=permit.why, first_on=first_on, proofs=PROOFS)


def _place(permit: Permit, application: Application, *, actor: str) -> None:
    assert permit.account_id is not None  # asked by its caller
    of = find_permit(permit.predecessor_id) if permit.predecessor_id else None
    outlook = look_anew(get_account(permit.account_id), application, permit, of)
    answers = dict(permit.answers) | {"street": application.street}
    change(permit.id, uprn=application.uprn, answers=answers, **of_outlook(outlook))
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
