"""Cars that may park, put straight into the tables: what the tests of lists and of visitors begin with."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import Range

from portal.kit import Account, clock, open_case, session
from services.permits.models.permits import CourtesyCar, Permit
from services.permits.models.visitors import VisitorBalance, VisitorSession
from services.permits.models.zones import Zone, ZonePlace
from services.permits.workflow import type_of


def zone(code: str) -> str:
    """A zone, if it is not there yet."""
    if session().get(Zone, code) is None:
        session().add(Zone(code=code, title=f"Zone {code}", hours="Monday to Saturday, 9am to 5pm", caps={}, rules={}))
        session().flush()  # what is in the zone refers to it
    return code


def place(uprn: str, code: str) -> None:
    """Say of an address that it is in a zone."""
    zone(code)
    session().add(ZonePlace(by="uprn", key=uprn, rule="zone", zone=code))
    session().flush()  # what comes next asks for it


def permit(
    account: Account,
    vrm: str,
    *,
    zone_code: str = "A",
    kind: str = "resident",
    status: str = "active",
    first: date | None = None,
    days: int = 30,
    uprn: str = "900000000001",
    business_id: UUID | None = None,
) -> Permit:
    """A permit from `first` (today) for so many days."""
    zone(zone_code)
    begins, row_id = first or clock.today(), uuid4()
    case = open_case(account, case_type=type_of(kind), key=str(row_id))
    row = Permit(
        id=row_id,
        case_id=case.id,
        reference=case.reference,
        chain_id=row_id,
        why="first",
        account_id=account.id,
        business_id=business_id,
        kind=kind,
        zone=zone_code,
        vrm=vrm,
        uprn=uprn,
        address="1 Larkspur Lane, W6 9JU",
        answers={},
        valid=Range(begins, begins + timedelta(days=days)),
        last_on=begins + timedelta(days=days - 1),
        length=f"{days}d",
        bought_on=begins,
        status=status,
        reason="",
        price={},
        caps=[],
        price_pence=0,
        worth_pence=0,
        paid_pence=0,
        refunded_pence=0,
        created_at=clock.now(),
        active_at=clock.now(),
    )
    session().add(row)
    session().flush()  # the database's constraints are what is tested
    return row


def lent(of: Permit, vrm: str, *, days: int = 14) -> CourtesyCar:
    """A courtesy car from today."""
    today = clock.today()
    row = CourtesyCar(
        permit_id=of.id,
        chain_id=of.chain_id,
        zone=of.zone,
        vrm=vrm,
        valid=Range(today, today + timedelta(days=days)),
        created_at=clock.now(),
    )
    session().add(row)
    session().flush()  # as above
    return row


def balance(account: Account, *, minutes: int, zone_code: str = "A", uprn: str = "900000000001") -> VisitorBalance:
    """Minutes that were bought."""
    zone(zone_code)
    row = VisitorBalance(account_id=account.id, zone=zone_code, uprn=uprn, minutes=minutes, created_at=clock.now())
    session().add(row)
    session().flush()  # as above
    return row


def visit(of: VisitorBalance, vrm: str, *, starts: datetime, hours: float = 1, lane: int = 1) -> VisitorSession:
    """A visitor's car."""
    ends = starts + timedelta(hours=hours)
    row = VisitorSession(
        balance_id=of.id,
        home=of.uprn,
        zone=of.zone,
        vrm=vrm,
        during=Range(starts, ends),
        ends_at=ends,
        minutes=60,
        taken=60,
        lane=lane,
        lanes=max(lane, 1),
        key=uuid4(),
        created_at=clock.now(),
    )
    session().add(row)
    session().flush()  # as above
    return row
