"""Tell who shares an account of what one of them has changed for all of them."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import (
    Case,
    CaseEvent,
    JoinedRecord,
    NotFound,
    OfficeRefused,
    get_account,
    holders_of,
    job,
    session,
    tell,
)
from portal.kit import lazy_gettext as _
from services.council_tax.backoffice import client
from services.council_tax.models import AskedChange
from services.council_tax.workflow import RECORD, SERVICE, TITLES

FOR_ALL: Final = ("move", "refund", "direct_debit", "instalments", "arrangement")
"""What is asked for by one and holds for everybody on the account. A discount is seen in the new bill, and that one of
them alone has left, too."""
LETTERS: Final = {"with_officer": "shared_asked", "done": "shared_done", "refused": "shared_refused"}

HEADLINES: Final = {
    "with_officer": _("somebody who shares your council tax account has asked for this"),
    "done": _("somebody who shares your council tax account has changed this"),
    "refused": _("what somebody who shares your council tax account had asked for was not done"),
}

_ABOUT = select(AskedChange.account_id, AskedChange.reference, AskedChange.change).where(
    AskedChange.case_id == bindparam("case")
)


def note_shared(case: Case, event: CaseEvent) -> None:
    """If others have joined the account of this case too, have them told how far it is, after this transaction.

    Of what was refused at once they never heard that it was asked for.
    """
    before, _now = event.details.get("changed", {}).get("status", ("", ""))
    if case.status == "refused" and before != "with_officer":
        return
    if case.status in LETTERS and case.type in FOR_ALL and _others(case.id):
        tell_others.defer(case_id=str(case.id), of=case.type, status=case.status)


@job("council_tax.tell_others")
def tell_others(case_id: str, of: str, status: str) -> None:
    """Tell each who is on the account still. Raises Unavailable; then the job is tried again.

    Of a move where an address is kept from others nobody is told: that somebody has left is all that it would say.
    """
    for other in _others(UUID(case_id)):
        if (other.protected and of == "move") or not _is_on(other):
            continue
        try:
            account = get_account(other.account_id)
        except NotFound:
            continue
        letter = LETTERS[status]
        tell(
            account,
            template=f"council_tax/mail/{letter}.txt",
            key=f"{letter}:{case_id}",
            path=f"/services/council_tax/accounts/{other.key}",
            headline=(TITLES[of], HEADLINES[status]),
            reference=other.key,
        )


def _others(case_id: UUID) -> list[JoinedRecord]:
    about = session().execute(_ABOUT, {"case": case_id}).one_or_none()
    if about is None or not about.reference or not about.change.get("everybody", True):
        return []
    return [each for each in holders_of(SERVICE, RECORD, about.reference) if each.account_id != about.account_id]


def _is_on(other: JoinedRecord) -> bool:
    """Whether the system still has them on it: what comes after they left is none of theirs."""
    try:
        client.system(patient=True).account(other.person_key, other.key)
    except (NotFound, OfficeRefused):
        return False
    return True
