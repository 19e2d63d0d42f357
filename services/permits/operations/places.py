"""Places: how many permits a person, a home and a zone may have, taken and given back.

A place is a row of `permit_slot`; its primary key and its check hold the cap whatever this code does. What is here
makes sure that nobody is turned away by that key: whoever takes a place of a scope waits for the others of that scope.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from portal.kit import session
from services.permits.models.permits import Permit, PermitSlot
from services.permits.rules.permits import Cap

_WAIT: Final = text("select pg_advisory_xact_lock(hashtextextended('permits ' || :what, 0))")
_OTHERS: Final = (
    select(PermitSlot.number)
    .where(PermitSlot.scope == bindparam("of_scope"), PermitSlot.chain_id != bindparam("of_chain"))
    .order_by(PermitSlot.number)
)
_COUNT: Final = (
    select(func.count())
    .select_from(PermitSlot)
    .where(PermitSlot.scope == bindparam("of_scope"), PermitSlot.chain_id != bindparam("of_chain"))
)
_TAKE: Final = insert(PermitSlot).on_conflict_do_nothing(index_elements=["chain_id", "scope"])
_LEAVE: Final = delete(PermitSlot).where(
    PermitSlot.chain_id == bindparam("of_chain"), PermitSlot.scope.not_in(bindparam("kept", expanding=True))
)
_CAPS: Final = select(Permit.caps).where(
    Permit.chain_id == bindparam("of_chain"), Permit.status.in_(("asked", "to_pay", "active"))
)
_UNSEEN: Final = {"synchronize_session": False}


def wait_for(*whats: str) -> None:
    """Let nobody else decide about these until the transaction ends. Always in one order, so that none wait crosswise.

    Between two statements of PostgreSQL's usual isolation others' work becomes visible: what is counted after this
    counts them.
    """
    for what in sorted(set(whats)):
        session().execute(_WAIT, {"what": what})


def find_full(chain_id: UUID, caps: Iterable[Cap]) -> str:
    """What the first cap that leaves no place is about; empty when there is one of each. Call `wait_for` before."""
    for cap in caps:
        if taken_by_others(chain_id, cap.scope) >= cap.most:
            return cap.about
    return ""


def taken_by_others(chain_id: UUID, scope: str) -> int:
    """How many places of a scope other chains have."""
    return session().execute(_COUNT, {"of_scope": scope, "of_chain": chain_id}).scalar_one()


def take_places(chain_id: UUID, caps: Sequence[Cap]) -> bool:
    """Take a place of each for the chain; what it has already it keeps. False, and nothing taken, when one is full."""
    wait_for(*(cap.scope for cap in caps))
    if find_full(chain_id, caps):
        return False
    for cap in caps:
        taken = set(session().scalars(_OTHERS, {"of_scope": cap.scope, "of_chain": chain_id}))
        number = next(nth for nth in range(1, cap.most + 1) if nth not in taken)
        session().execute(_TAKE, {"scope": cap.scope, "number": number, "most": cap.most, "chain_id": chain_id})
    return True


def leave_places(chain_id: UUID) -> None:
    """Give back what no permit of the chain needs any more."""
    needed = {cap["scope"] for caps in session().scalars(_CAPS, {"of_chain": chain_id}) for cap in caps}
    session().execute(_LEAVE, {"of_chain": chain_id, "kept": sorted(needed)}, execution_options=_UNSEEN)
