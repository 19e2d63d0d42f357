"""Apply for a permit."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from portal.kit import (
    Account,
    AddressProof,
    NotFound,
    finish_draft,
    hold_draft,
    limit,
    session,
    settings_of,
)
from portal.kit import gettext as _
from services.permits.operations.proofs import hand_in
from services.permits.operations.sending import send
from services.permits.queries.permits import get_permit_of_case, manages
from services.permits.rules.permits import Application, Permit
from services.permits.settings import PermitSettings
from services.permits.workflow import SERVICE

DAY: Final = 24 * 3600


def apply(account: Account, *, draft_id: UUID, application: Application, proofs: Sequence[AddressProof] = ()) -> Permit:
    """Send what was answered in a draft, once: however often and from wherever it is sent, the same permit comes back.

    `proofs` are `address_proofs(account)`, asked for before. The permit is then `to_pay` (put it in the basket, its key
    is `str(permit.id)`), `active` where it costs nothing, or `asked` of an officer. Raises NotFound when the draft is
    not theirs or the business not one that they manage, Refused with the reason when the rules say no, TooMany.
    """
    if application.business_id is not None and not manages(account, application.business_id):
        raise NotFound(_("We cannot find this business."))
    return send_draft(account, draft_id, application, proofs=proofs)


def send_draft(
    account: Account,
    draft_id: UUID,
    application: Application,
    *,
    proofs: Sequence[AddressProof] = (),
    of: Permit | None = None,
) -> Permit:
    """Send what was answered in a draft, with its documents, once. `of` is the permit that it renews or changes.

    Raises NotFound when the draft is not theirs, Refused, TooMany.
    """
    draft = hold_draft(account, draft_id)
    if draft.service != SERVICE:
        raise NotFound
    if draft.case_id:
        return get_permit_of_case(draft.case_id)
    limit(f"permits.apply:{account.id}", limit=settings_of(PermitSettings).applications_a_day, seconds=DAY)
    with session().begin_nested():  # what its documents keep from being sent is not sent, whatever the page commits
        permit = send(account, application, key=str(draft.id), proofs=proofs, of=of)
        hand_in(account, draft_id=draft_id, case_id=permit.case_id, decided=permit.status != "asked")
        finish_draft(account, draft_id, case_id=permit.case_id)
    return permit
