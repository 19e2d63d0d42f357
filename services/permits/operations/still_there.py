"""Look whether who has a resident permit still lives where it is for: they are told when a record says otherwise.

A record that says nothing, because it was let go or its system is away, proves nothing either way. The permit goes on
until they say so or an officer ends it: people are moved in records by mistake.
"""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Date, bindparam, cast, func, or_, select

from portal.kit import Account, NotFound, address_proofs, clock, get_account, job, session, tell
from services.permits.models.permits import Permit as PermitRow
from services.permits.operations.granting import change
from services.permits.queries.facts import find_source
from services.permits.queries.permits import find_permit, hold_permit
from services.permits.rules.permits import Permit

EVERY: Final = timedelta(days=30)
"""How often it is looked at."""
AT_ONCE: Final = 50
_LOOKED_ON: Final = cast(
    func.coalesce(PermitRow.answers["looked_on"].astext, PermitRow.answers["proven_on"].astext), Date()
)
_DUE: Final = (
    select(PermitRow.id)
    .where(
        PermitRow.status == "active",
        PermitRow.kind == "resident",
        PermitRow.account_id.is_not(None),
        or_(_LOOKED_ON.is_(None), bindparam("before") >= _LOOKED_ON),
        PermitRow.id > bindparam("after"),
    )
    .order_by(PermitRow.id)
    .limit(AT_ONCE)
)


@job("permits.still_there", cron="40 2 * * *")
def still_there() -> None:
    """Each night: have those looked at that were not for a month, each by a job of its own."""
    after = UUID(int=0)
    while ids := session().scalars(_DUE, {"before": clock.today() - EVERY, "after": after}).all():
        for permit_id in ids:
            look.defer(permit_id=str(permit_id))
        session().commit()
        after = ids[-1]


@job("permits.look", attempts=1)
def look(permit_id: str) -> None:
    """Look at one. The records are asked before anything is written."""
    permit = find_permit(UUID(permit_id))
    account = _holder(permit)
    if permit is None or account is None:
        return
    proofs = address_proofs(account)
    held = hold_permit(permit.id)
    if held is None or held.status != "active":
        return
    if find_source(proofs, permit.uprn):
        _note(held, proven_on=clock.today())
        return
    _note(held)
    if any(proof.uprn and proof.uprn != permit.uprn for proof in proofs):
        tell(
            account,
            template="permits/mail/moved.txt",
            key=f"moved:{permit.id}",
            path=f"/services/permits/{permit.id}",
            reference=permit.reference,
        )


def _note(permit: Permit, proven_on: date | None = None) -> None:
    noted = {"looked_on": clock.today().isoformat()}
    if proven_on is not None:
        noted["proven_on"] = proven_on.isoformat()
    change(permit.id, answers=dict(permit.answers) | noted)


def _holder(permit: Permit | None) -> Account | None:
    if permit is None or permit.account_id is None:
        return None
    try:
        return get_account(permit.account_id)
    except NotFound:  # closed meanwhile
        return None
