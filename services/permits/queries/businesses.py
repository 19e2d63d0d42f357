"""Businesses that park, as their members see them. Somebody else's business does not exist for the one who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Row, bindparam, func, select

from portal.kit import (
    Account,
    Address,
    Draft,
    NotFound,
    Refused,
    called,
    clock,
    gazetteer,
    get_draft,
    limit,
    open_drafts,
    session,
)
from portal.kit import gettext as _
from services.permits.models.businesses import Business as BusinessRow
from services.permits.models.businesses import BusinessInvitation, BusinessMember
from services.permits.models.zones import Zone
from services.permits.rules.businesses import Role
from services.permits.workflow import SERVICE

JOURNEY: Final = "business"
"""The drafts of a new business."""
LOOK_UPS: Final = 30
"""Postcodes that one resident may look up in ten minutes."""
TEN_MINUTES: Final = 600
_COLUMNS = (
    BusinessRow.id,
    BusinessRow.name,
    BusinessRow.number,
    BusinessRow.address,
    BusinessRow.uprn,
    BusinessRow.postcode,
    BusinessRow.zone,
    Zone.title,
    BusinessRow.status,
    BusinessMember.role,
)
_MINE = (
    select(*_COLUMNS)
    .join(BusinessMember, BusinessMember.business_id == BusinessRow.id)
    .outerjoin(Zone, Zone.code == BusinessRow.zone)
    .where(BusinessMember.account_id == bindparam("account"))
)
_ALL_MINE = _MINE.order_by(BusinessRow.name, BusinessRow.id)
_ONE = _MINE.where(BusinessRow.id == bindparam("business"))
_MEMBERS = (
    select(BusinessMember.account_id, BusinessMember.role, BusinessMember.joined_at)
    .where(BusinessMember.business_id == bindparam("business"))
    .order_by(BusinessMember.joined_at, BusinessMember.account_id)
)
_INVITATIONS = (
    select(BusinessInvitation.id, BusinessInvitation.role, BusinessInvitation.created_at, BusinessInvitation.expires_at)
    .where(
        BusinessInvitation.business_id == bindparam("business"),
        BusinessInvitation.expires_at > bindparam("now", type_=DateTime(timezone=True)),
    )
    .order_by(BusinessInvitation.created_at, BusinessInvitation.id)
)
_OWN_ROWS = (
    select(BusinessRow.name, BusinessRow.number, BusinessRow.address, BusinessMember.role, BusinessMember.joined_at)
    .join(BusinessMember, BusinessMember.business_id == BusinessRow.id)
    .where(BusinessMember.account_id == bindparam("account"))
    .order_by(BusinessMember.joined_at, BusinessRow.id)
)
_MADE = select(func.count()).where(BusinessInvitation.made_by == bindparam("account"))


@dataclass(frozen=True, slots=True)
class Business:
    """A business as one of its members sees it. `zone` is empty where it is in none; `status` is `asked` until an
    officer has read its papers, then `open`. `role` is the member's own."""

    id: UUID
    name: str
    number: str
    address: str
    uprn: str | None
    postcode: str
    zone: str
    zone_title: str
    status: str
    role: Role

    @property
    def is_managed(self) -> bool:
        """Whether the member may ask for permits and change them."""
        return self.role in ("owner", "manager")

    @property
    def is_owned(self) -> bool:
        """Whether the member may say who is one."""
        return self.role == "owner"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who acts for a business, with the name by which the portal calls them."""

    account_id: UUID
    name: str
    role: Role
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code that nobody has used yet; the code itself is kept nowhere."""

    id: UUID
    role: Role
    created_at: datetime
    expires_at: datetime


def businesses_of(account: Account) -> Sequence[Business]:
    """The businesses that somebody acts for, by name."""
    return [_business(row) for row in session().execute(_ALL_MINE, {"account": account.id})]


def get_business(account: Account, business_id: UUID) -> Business:
    """One of them. Raises NotFound for one that they do not act for, as for none."""
    row = session().execute(_ONE, {"account": account.id, "business": business_id}).one_or_none()
    if row is None:
        raise NotFound(_("We cannot find this business."))
    return _business(row)


def members_of(business: Business) -> Sequence[Member]:
    """Everybody who acts for it, who joined first at the top."""
    rows = session().execute(_MEMBERS, {"business": business.id}).all()
    known = called([row.account_id for row in rows])
    names = {account_id: each.name for account_id, each in known.items() if each.name}
    return [Member(row.account_id, names.get(row.account_id, _("Resident")), row.role, row.joined_at) for row in rows]


def get_member(business: Business, account_id: UUID) -> Member:
    """One of its members. Raises NotFound."""
    found = next((each for each in members_of(business) if each.account_id == account_id), None)
    if found is None:
        raise NotFound(_("There is no such member."))
    return found


def invitations_of(business: Business) -> Sequence[Invitation]:
    """The codes that can still be used."""
    rows = session().execute(_INVITATIONS, {"business": business.id, "now": clock.now()})
    return [Invitation(row.id, row.role, row.created_at, row.expires_at) for row in rows]


def get_business_draft(account: Account, draft_id: UUID) -> Draft:
    """What somebody has begun to tell of a business. Raises NotFound."""
    draft = get_draft(account.id, draft_id)
    if (draft.service, draft.journey) != (SERVICE, JOURNEY):
        raise NotFound
    return draft


def find_business_draft(account: Account) -> Draft | None:
    """The last touched of them."""
    found = open_drafts(account.id, service=SERVICE)
    return next((draft for draft in found if draft.journey == JOURNEY), None)


def find_addresses(account: Account, postcode: str) -> Sequence[Address]:
    """The addresses of a postcode, at least one. Raises Refused, TooMany, Unavailable with what to do instead."""
    limit(f"permits.look_up:{account.id}", limit=LOOK_UPS, seconds=TEN_MINUTES)
    found = gazetteer().by_postcode(postcode)
    if not found:
        raise Refused(_("We know no address with this postcode. Check it and try again"))
    return found


def businesses_about(account: Account) -> Sequence[dict[str, Any]]:  # plain JSON for the data file
    """What is kept of somebody as a member of businesses."""
    rows = session().execute(_OWN_ROWS, {"account": account.id})
    return [
        {"name": row.name, "number": row.number, "address": row.address, "role": row.role, "joined_at": row.joined_at}
        for row in rows
    ]


def invitations_made(account: Account) -> int:
    """How many codes of theirs wait to be used."""
    return int(session().execute(_MADE, {"account": account.id}).scalar_one())


def _business(row: Row[*tuple[Any, ...]]) -> Business:  # columns of several types
    return Business(
        id=row.id,
        name=row.name,
        number=row.number,
        address=row.address,
        uprn=row.uprn,
        postcode=row.postcode,
        zone=row.zone or "",
        zone_title=row.title or "",
        status=row.status,
        role=row.role,
    )
