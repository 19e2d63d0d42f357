"""What follows when a case about a permit is moved: by an officer at the desk, or by its resident."""

from typing import Final

from portal.kit import Case, CaseEvent, Refused
from portal.kit import gettext as _
from services.permits.operations.ending import close, end
from services.permits.operations.granting import grant
from services.permits.operations.placing import keep_place
from services.permits.operations.proofs import date_proofs
from services.permits.queries.permits import chain_of, find_permit_of_case, hold_permit
from services.permits.rules.permits import Permit

UNDECIDED: Final = frozenset({"received", "with_officer"})


def note_move(case: Case, event: CaseEvent) -> None:
    """Let the permit follow its case: called by the ledger in the transaction of each move.

    What an operation of this service has done by itself is done already, and changes nothing here. Raises Refused where
    there is nothing to end, and says what to end instead: the case would say that somebody may not park who may.
    """
    if case.status not in UNDECIDED:
        date_proofs(case.id)
    found = find_permit_of_case(case.id)
    permit = hold_permit(found.id) if found else None
    if permit is None:
        return
    if case.status == "to_pay" and permit.status == "asked":
        if not permit.uprn:
            raise Refused(
                _("Say first where the address is: its zone and how many permits it may have follow from it.")
            )
        keep_place(permit)
        grant(permit.id, by_officer=True)
    elif case.status == "refused" and permit.status == "asked":
        close(permit, status="refused", reason="decided")
    elif case.status == "withdrawn" and permit.status in ("asked", "to_pay"):
        close(permit, status="cancelled", reason="taken_back")
    elif case.status == "ended" and permit.status in ("replaced", "expired"):
        raise Refused(_over(permit))
    elif case.status == "ended" and permit.status == "active":
        by_staff = event.actor.startswith("staff:")
        end(
            permit,
            status="revoked" if by_staff else "cancelled",
            reason="ended_by_us" if by_staff else "asked_to_end",
        )


def _over(permit: Permit) -> str:
    now = next((each for each in chain_of(permit.chain_id) if each.status == "active"), None)
    if now is None:
        return _("This permit is not valid, so there is nothing to end.")
    return _("%(reference)s has taken the place of this permit. End that one.", reference=now.reference)
