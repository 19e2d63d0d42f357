"""Which vehicle in order a permit's is: what is dearer for a second one asks it."""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.dialects.postgresql import DATERANGE, Range

from portal.kit import session
from services.permits.models.permits import Permit as PermitRow
from services.permits.models.permits import PermitSlot
from services.permits.rules.permits import Status

_OTHERS: Final = (
    select(func.coalesce(PermitRow.price["number"].astext.cast(Integer), 1))
    .join(PermitSlot, PermitSlot.chain_id == PermitRow.chain_id)
    .where(
        PermitSlot.scope == bindparam("of_scope"),
        PermitSlot.chain_id != bindparam("of_chain"),
        PermitRow.status.in_(bindparam("those", expanding=True)),
        PermitRow.valid.overlaps(bindparam("days", type_=DATERANGE())),
    )
)


def number_of(chain_id: UUID, scope: str, days: Range[date], *, among: Collection[Status]) -> int:
    """Which of a scope a chain is on these days, from 1: the first number that no other permit of these has then.

    So a renewal of the first stays the first, and who has no other on any of the days has a first. Not by age: a
    permit that begins when an older one ends would be a first, and the older one's renewal beside it too.
    """
    asked = {"of_scope": scope, "of_chain": chain_id, "days": days, "those": sorted(among)}
    taken = set(session().scalars(_OTHERS, asked))
    return next(number for number in range(1, len(taken) + 2) if number not in taken)
