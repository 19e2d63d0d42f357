"""Business accounts: register one, let colleagues act for it, take that back. The business is held by each change of
who its members are, so that two owners who leave in the same moment leave one."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from portal.kit import (
    Account,
    Forbidden,
    NotFound,
    Refused,
    clock,
    discard_draft,
    get_account,
    limit,
    record,
    save_answers,
    session,
    start_draft,
    tell,
)
from portal.kit import gettext as _
from services.permits.models.businesses import Business as BusinessRow
from services.permits.models.businesses import BusinessInvitation, BusinessMember
from services.permits.queries.businesses import (
    JOURNEY,
    Business,
    find_addresses,
    find_business_draft,
    get_business,
    get_business_draft,
)
from services.permits.queries.zones import find_place
from services.permits.rules.businesses import Role, digest_of, new_code
from services.permits.workflow import SERVICE

CODE_DAYS: Final = 7
MOST_MEMBERS: Final = 50
MOST_CODES: Final = 20
MOST_BUSINESSES: Final = 10
"""Businesses that one resident may act for."""
MOST_TRIES: Final = 10
TEN_MINUTES: Final = 600
_HOLD = select(BusinessRow.id).where(BusinessRow.id == bindparam("business")).with_for_update()
_OWNERS = (
    select(BusinessMember.account_id)
    .where(BusinessMember.business_id == bindparam("business"), BusinessMember.role == "owner")
    .limit(2)
)
_MEMBER = (
    select(BusinessMember)
    .where(BusinessMember.business_id == bindparam("business"), BusinessMember.account_id == bindparam("account"))
    .execution_options(populate_existing=True)
)
_USABLE = select(BusinessInvitation).where(BusinessInvitation.digest == bindparam("digest")).with_for_update()
_HOW_MANY = select(BusinessMember.account_id).where(BusinessMember.business_id == bindparam("business"))
_CODES = select(BusinessInvitation.id).where(BusinessInvitation.business_id == bindparam("business"))
_OF_MINE = select(BusinessMember.business_id).where(BusinessMember.account_id == bindparam("account"))


def begin_business(account: Account, *, name: str, number: str, postcode: str) -> UUID:
    """Keep what a business is called and look its addresses up; the id of the draft in which one is then chosen.

    Raises Refused, TooMany, Unavailable.
    """
    found = find_addresses(account, postcode)
    draft = find_business_draft(account) or start_draft(account, service=SERVICE, journey=JOURNEY)
    answers = {"name": name, "number": number, "postcode": postcode}
    lines = [{"uprn": one.uprn, "label": one.label, "street": one.street, "postcode": one.postcode} for one in found]
    save_answers(account, draft.id, step="details", answers=answers | {"found": lines})
    return draft.id


def register_business(account: Account, *, draft_id: UUID, uprn: str) -> UUID:
    """Register the business of a draft at one of the addresses that were found; whoever does is its owner.

    Its id is the draft's: sent twice, it is there once. An officer reads its papers with its first permit. Raises
    NotFound; Refused where there are no permits for businesses, or when somebody has too many.
    """
    if session().get(BusinessRow, draft_id) is not None:
        return get_business(account, draft_id).id
    details = get_business_draft(account, draft_id).answers.get("details", {})
    chosen = next((one for one in details.get("found", ()) if one["uprn"] == uprn), None)
    if chosen is None:
        raise Refused(_("Select the address of the business"))
    place = find_place(uprn=chosen["uprn"], postcode=chosen["postcode"], street=chosen["street"])
    if place is None or place.rule != "zone":
        raise Refused(_("There are no business permits for this address"))
    if len(session().scalars(_OF_MINE, {"account": account.id}).all()) >= MOST_BUSINESSES:
        raise Refused(_("You act for as many businesses as one person can."))
    business = BusinessRow(
        id=draft_id,
        name=details["name"],
        number=details["number"],
        uprn=chosen["uprn"],
        address=chosen["label"],
        postcode=chosen["postcode"],
        zone=place.zone,
        status="asked",
        created_at=clock.now(),
    )
    session().add(business)
    session().flush()  # its members refer to it
    _add(draft_id, account, "owner")
    discard_draft(account, draft_id)
    return draft_id


def open_business(business_id: UUID) -> None:
    """An officer has granted its first permit, and so has read its papers: from now on the council knows it."""
    known = update(BusinessRow).where(BusinessRow.id == business_id, BusinessRow.status == "asked")
    session().execute(known.values(status="open"))


def invite(account: Account, *, business_id: UUID, role: Role) -> str:
    """A code that lets one colleague act for the business, to be shown once. Raises NotFound, Forbidden, Refused."""
    business = _held(account, business_id)
    _remove_old_codes()
    if len(session().scalars(_CODES, {"business": business.id}).all()) >= MOST_CODES:
        raise Refused(_("Too many codes wait to be used. Take some of them back first."))
    code, now = new_code(), clock.now()
    invitation = BusinessInvitation(
        business_id=business.id,
        role=role,
        digest=digest_of(code),
        made_by=account.id,
        created_at=now,
        expires_at=now + timedelta(days=CODE_DAYS),
    )
    session().add(invitation)
    _record("permits.business_code_made", account, business.id, role=role)
    return code


def take_back_code(account: Account, *, business_id: UUID, invitation_id: UUID) -> None:
    """Let a code open nothing any more. Taking back what is gone is no error. Raises NotFound, Forbidden."""
    business = _held(account, business_id)
    gone = delete(BusinessInvitation).where(
        BusinessInvitation.id == invitation_id, BusinessInvitation.business_id == business.id
    )
    session().execute(gone)
    _record("permits.business_code_taken_back", account, business.id)


def join_business(account: Account, *, code: str) -> UUID:
    """Act for a business from now on, by a code that one of its owners made; the business.

    Raises Refused, in the same words for a code that is used, too old or never was; TooMany.
    """
    limit(f"permits.business_code:{account.id}", limit=MOST_TRIES, seconds=TEN_MINUTES)
    digest = digest_of(code)
    found = session().scalars(_USABLE, {"digest": digest}).one_or_none() if digest else None
    if found is None or found.expires_at <= clock.now():
        raise Refused(_("This code does not work. It may be too old, or used already. Ask for a new one"))
    business_id, role = found.business_id, found.role
    session().execute(_HOLD, {"business": business_id})
    members = session().scalars(_HOW_MANY, {"business": business_id}).all()
    if account.id in members:
        raise Refused(_("You act for this business already, so the code can be for somebody else"))
    if len(members) >= MOST_MEMBERS:
        raise Refused(_("This business has as many members as there can be"))
    session().delete(found)
    _add(business_id, account, role)
    return business_id


def change_role(account: Account, *, business_id: UUID, member_id: UUID, role: Role) -> None:
    """Let a member do more or less. Raises NotFound, Forbidden; Refused for the last owner."""
    business = _held(account, business_id)
    member = _member(business, member_id)
    if member.role == "owner" and role != "owner":
        _refuse_without_owner(business.id)
    member.role = role
    _record("permits.business_role_changed", account, business.id, member=str(member_id), role=role)


def remove_member(account: Account, *, business_id: UUID, member_id: UUID) -> None:
    """Let somebody act for a business no longer: an owner removes anybody, everybody may go themselves.

    Raises NotFound, Forbidden; Refused for the last owner.
    """
    business = _held(account, business_id, leaving=account.id == member_id)
    member = _member(business, member_id)
    if member.role == "owner":
        _refuse_without_owner(business.id)
    joined_at = member.joined_at
    session().delete(member)
    _record("permits.business_member_removed", account, business.id, member=str(member_id))
    if member_id != account.id:
        _tell_removed(business.id, member_id, joined_at)


def _held(account: Account, business_id: UUID, *, leaving: bool = False) -> Business:
    """The business, held until the end of the transaction. Raises NotFound, and Forbidden for who is no owner."""
    session().execute(_HOLD, {"business": business_id})
    business = get_business(account, business_id)
    if not business.is_owned and not leaving:
        raise Forbidden(_("Only an owner can say who acts for the business."))
    return business


def _member(business: Business, member_id: UUID) -> BusinessMember:
    found = session().scalars(_MEMBER, {"business": business.id, "account": member_id}).one_or_none()
    if found is None:
        raise NotFound(_("There is no such member."))
    return found


def _refuse_without_owner(business_id: UUID) -> None:
    if len(session().scalars(_OWNERS, {"business": business_id}).all()) < 2:
        raise Refused(_("A business needs an owner. Make somebody else an owner first."))


def _add(business_id: UUID, account: Account, role: str) -> None:
    now = clock.now()
    session().add(BusinessMember(business_id=business_id, account_id=account.id, role=role, joined_at=now))
    _record("permits.business_member_added", account, business_id, member=str(account.id), role=role)


def _tell_removed(business_id: UUID, member_id: UUID, joined_at: datetime) -> None:
    tell(
        get_account(member_id),
        template="permits/mail/business_removed.txt",
        key=f"business removed:{business_id}:{joined_at.isoformat()}",
        path="/services/permits/businesses",
    )


def _remove_old_codes() -> None:
    session().execute(delete(BusinessInvitation).where(BusinessInvitation.expires_at <= clock.now()))


def _record(act: str, account: Account, business_id: UUID, **details: str) -> None:
    actor = f"account:{account.id}"
    record(act, actor=actor, account_id=account.id, subject=f"business:{business_id}", **details)
