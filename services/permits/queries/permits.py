"""Permits: one, those of a resident, those of a business."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, exists, or_, select

from portal.kit import Account, NotFound, session
from portal.kit import gettext as _
from services.permits.models.businesses import BusinessMember
from services.permits.models.permits import Permit as PermitRow
from services.permits.models.zones import Zone
from services.permits.rules.lengths import read_length
from services.permits.rules.permits import DAY, Cap, Permit
from services.permits.rules.prices import steps_from

MANAGERS = ("owner", "manager")
"""Who may act for a business's permits."""
MOST_SHOWN = 100
"""Permits of one resident or business on a page; older ones are in the data file."""
_MEMBER = exists().where(
    BusinessMember.business_id == PermitRow.business_id, BusinessMember.account_id == bindparam("account")
)
_MANAGER = _MEMBER.where(BusinessMember.role.in_(MANAGERS))
_OWN = PermitRow.account_id == bindparam("account"), PermitRow.business_id.is_(None)
# Columns and not entities: what an operation changes by statement is read as it is then.
_PERMITS = select(*PermitRow.__table__.columns, Zone.title.label("zone_title")).join(Zone, Zone.code == PermitRow.zone)
_BY_ID = _PERMITS.where(PermitRow.id == bindparam("permit"))
_BY_ID_HELD = _BY_ID.with_for_update(of=PermitRow)
_BY_ID_IF_FREE = _BY_ID.with_for_update(of=PermitRow, skip_locked=True)
_MANAGES = select(
    exists().where(
        BusinessMember.business_id == bindparam("business"),
        BusinessMember.account_id == bindparam("account"),
        BusinessMember.role.in_(MANAGERS),
    )
)
_SEEN = _BY_ID.where(or_(_OWN[0] & _OWN[1], _MEMBER))
_ACTED_ON = _BY_ID.where(or_(_OWN[0] & _OWN[1], _MANAGER))
_HELD = _ACTED_ON.with_for_update(of=PermitRow)
_OF_ACCOUNT = _PERMITS.where(*_OWN).order_by(PermitRow.created_at.desc(), PermitRow.id).limit(MOST_SHOWN)
_OF_BUSINESS = (
    _PERMITS.where(PermitRow.business_id == bindparam("business"), _MEMBER)
    .order_by(PermitRow.created_at.desc(), PermitRow.id)
    .limit(MOST_SHOWN)
)
_OF_CASE = _PERMITS.where(PermitRow.case_id == bindparam("case"))
_OF_CHAIN = _PERMITS.where(PermitRow.chain_id == bindparam("chain")).order_by(PermitRow.created_at, PermitRow.id)


def get_permit(account: Account, permit_id: UUID) -> Permit:
    """A permit that the resident may see: their own, or of a business whose member they are. Raises NotFound."""
    return _one(_SEEN, account, permit_id)


def get_own_permit(account: Account, permit_id: UUID) -> Permit:
    """A permit on which the resident may act: their own, or of a business that they manage. Raises NotFound."""
    return _one(_ACTED_ON, account, permit_id)


def hold_own_permit(account: Account, permit_id: UUID) -> Permit:
    """The same, held until the end of the transaction: the first act of every change. Raises NotFound."""
    return _one(_HELD, account, permit_id)


def permits_of(account: Account) -> Sequence[Permit]:
    """The resident's own permits and applications, the newest first; those of businesses are apart."""
    return [permit_from(row) for row in session().execute(_OF_ACCOUNT, {"account": account.id})]


def permits_of_business(account: Account, business_id: UUID) -> Sequence[Permit]:
    """A business's permits, the newest first; none for who is no member of it."""
    return [
        permit_from(row) for row in session().execute(_OF_BUSINESS, {"account": account.id, "business": business_id})
    ]


def manages(account: Account, business_id: UUID) -> bool:
    """Whether the resident may ask for permits of a business."""
    return session().execute(_MANAGES, {"account": account.id, "business": business_id}).scalar_one()


def find_permit(permit_id: UUID) -> Permit | None:
    """A permit, whoever asks: for what we do by ourselves."""
    row = session().execute(_BY_ID, {"permit": permit_id}).one_or_none()
    return permit_from(row) if row else None


def hold_permit(permit_id: UUID) -> Permit | None:
    """The same, held until the end of the transaction."""
    row = session().execute(_BY_ID_HELD, {"permit": permit_id}).one_or_none()
    return permit_from(row) if row else None


def hold_permit_if_free(permit_id: UUID) -> Permit | None:
    """The same, without waiting: None where somebody else holds it."""
    row = session().execute(_BY_ID_IF_FREE, {"permit": permit_id}).one_or_none()
    return permit_from(row) if row else None


def find_permit_of_case(case_id: UUID) -> Permit | None:
    """The permit that a case is about, whoever asks: for the ledger and staff."""
    row = session().execute(_OF_CASE, {"case": case_id}).one_or_none()
    return permit_from(row) if row else None


def get_permit_of_case(case_id: UUID) -> Permit:
    """The same where there must be one. Raises NotFound."""
    found = find_permit_of_case(case_id)
    if found is None:
        raise NotFound(_("We cannot find this permit."))
    return found


def has_change_asked(chain_id: UUID) -> bool:
    """Whether something of the chain waits for an officer or for payment."""
    return any(each.status in ("asked", "to_pay") for each in chain_of(chain_id))


def chain_of(chain_id: UUID) -> Sequence[Permit]:
    """All permits of a chain, the first asked for first: a permit, its renewals and its changes."""
    return [permit_from(row) for row in session().execute(_OF_CHAIN, {"chain": chain_id})]


def bought_with(permit: Permit) -> Sequence[Permit]:
    """The permits of the length that was bought of which this is a part: it, and what it was changed from."""
    return [each for each in chain_of(permit.chain_id) if each.bought_on == permit.bought_on]


def net_paid(permit: Permit) -> int:
    """Pence that were paid for that length and have not been given back."""
    return sum(each.paid_pence - each.refunded_pence for each in bought_with(permit))


def permit_from(row: Row[*tuple[Any, ...]]) -> Permit:  # a row of `_PERMITS`
    """The permit in a row."""
    return Permit(
        id=row.id,
        case_id=row.case_id,
        reference=row.reference,
        chain_id=row.chain_id,
        predecessor_id=row.predecessor_id,
        why=row.why,
        account_id=row.account_id,
        business_id=row.business_id,
        kind=row.kind,
        zone=row.zone,
        zone_title=row.zone_title,
        vrm=row.vrm,
        uprn=row.uprn,
        address=row.address,
        answers=row.answers,
        first_on=row.valid.lower,
        last_on=row.valid.upper - DAY,
        length=read_length(row.length),
        bought_on=row.bought_on,
        status=row.status,
        reason=row.reason,
        caps=tuple(Cap(**cap) for cap in row.caps),
        tariff_id=row.tariff_id,
        price_steps=tuple((str(step.words), step.pence) for step in steps_from(row.price)),
        number=row.price.get("number", 1),
        back_pence=row.price.get("back", 0),
        price_pence=row.price_pence,
        worth_pence=row.worth_pence,
        paid_pence=row.paid_pence,
        refunded_pence=row.refunded_pence,
        line_id=row.line_id,
        held_until_at=row.held_until_at,
        created_at=row.created_at,
        active_at=row.active_at,
        closed_at=row.closed_at,
    )


def _one(statement: Any, account: Account, permit_id: UUID) -> Permit:  # a select of rows for `permit_from`
    row = session().execute(statement, {"permit": permit_id, "account": account.id}).one_or_none()
    if row is None:
        raise NotFound(_("We cannot find this permit."))
    return permit_from(row)
