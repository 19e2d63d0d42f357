"""Let go of visitor parking and memberships: of a person who is forgotten, and of what is too old to be asked for."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from portal.kit import Account, session
from services.permits.models.businesses import Business, BusinessInvitation, BusinessMember
from services.permits.models.permits import Permit
from services.permits.models.visitors import VisitorBalance, VisitorPurchase, VisitorSession
from services.permits.rules.businesses import read_role, successor

AT_ONCE: Final = 1000
NOT_PAID_DAYS: Final = 30
"""How long hours are kept that somebody chose and did not pay: longer than any payment of theirs can take."""
_MINE = select(VisitorBalance.id).where(VisitorBalance.account_id == bindparam("account"))
_BUSINESSES = (
    select(BusinessMember.business_id)
    .where(BusinessMember.account_id == bindparam("account"))
    .order_by(BusinessMember.business_id)
)
_HOLD = select(Business.id).where(Business.id == bindparam("business")).with_for_update()
_OTHERS = (
    select(BusinessMember)
    .where(BusinessMember.business_id == bindparam("business"))
    .order_by(BusinessMember.joined_at, BusinessMember.account_id)
)
_HAS_PERMITS = select(Permit.id).where(Permit.business_id == bindparam("business")).limit(1)
WITHOUT_A_NAME: Final = {"status": "closed", "name": "", "number": "", "uprn": None, "address": "", "postcode": ""}


def forget_visits(account: Account) -> None:
    """Forget balances, purchases and visits. What was paid stays in the books of payments, where nobody is named."""
    mine = session().scalars(_MINE, {"account": account.id}).all()
    for table in (VisitorSession, VisitorPurchase):
        session().execute(delete(table).where(table.balance_id.in_(mine)))
    session().execute(delete(VisitorBalance).where(VisitorBalance.id.in_(mine)))


def forget_memberships(account: Account) -> None:
    """Forget whom they acted for. Where they were the last owner, the member who may do most is one from now on; a
    business without members is closed, and without a name: it was theirs."""
    session().execute(update(BusinessInvitation).where(BusinessInvitation.made_by == account.id).values(made_by=None))
    for business_id in session().scalars(_BUSINESSES, {"account": account.id}).all():
        session().execute(_HOLD, {"business": business_id})
        session().execute(
            delete(BusinessMember).where(
                BusinessMember.business_id == business_id, BusinessMember.account_id == account.id
            )
        )
        others = session().scalars(_OTHERS, {"business": business_id}).all()
        place = successor([(read_role(each.role) or "driver", nth) for nth, each in enumerate(others)])
        if place is not None:
            others[place].role = "owner"
        if not others:
            _close(business_id)


def let_go_of_visits(before: datetime) -> int:
    """Delete some of the visits that ended before that moment: no penalty charge is about them any more."""
    return _delete(VisitorSession, VisitorSession.ends_at, before)


def let_go_of_unpaid(before: datetime) -> int:
    """Delete some of the hours that somebody chose before that moment and did not pay."""
    return _delete(VisitorPurchase, VisitorPurchase.created_at, before, VisitorPurchase.status != "paid")


def let_go_of_invitations(before: datetime) -> int:
    """Delete some of the codes that ran out before that moment."""
    return _delete(BusinessInvitation, BusinessInvitation.expires_at, before)


def _close(business_id: UUID) -> None:
    """Close a business that has no members: where it had permits, with nothing that tells whose it was."""
    session().execute(delete(BusinessInvitation).where(BusinessInvitation.business_id == business_id))
    if session().execute(_HAS_PERMITS, {"business": business_id}).one_or_none() is None:
        session().execute(delete(Business).where(Business.id == business_id))
    else:
        session().execute(update(Business).where(Business.id == business_id).values(WITHOUT_A_NAME))


def _delete(
    table: type[VisitorSession | VisitorPurchase | BusinessInvitation],
    ended: InstrumentedAttribute[datetime],
    before: datetime,
    *which: ColumnElement[bool],
) -> int:
    """Some at a time, so that no statement runs for long."""
    some = select(table.id).where(ended < before, *which).order_by(ended, table.id).limit(AT_ONCE)
    ids = session().scalars(some).all()
    session().execute(delete(table).where(table.id.in_(ids)))
    return len(ids)
