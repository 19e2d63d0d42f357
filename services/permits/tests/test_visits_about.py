"""What the service shows and forgets of somebody's visitors and businesses."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.kit import clock, session
from services.permits.models.base import Base
from services.permits.models.businesses import Business, BusinessInvitation, BusinessMember
from services.permits.models.visitors import VisitorBalance, VisitorPurchase, VisitorSession
from services.permits.operations.businesses import invite, join_business
from services.permits.operations.visits import start_visit
from services.permits.queries.permit_cards import activity, home_cards
from services.permits.service import SERVICE
from services.permits.tests import parked
from services.permits.tests.people import resident
from tests.support.nights import let_go
from tests.support.residents import Resident, statements


@pytest.fixture
def opened(app: Flask) -> Iterator[Flask]:
    """The portal with its context open."""
    with app.app_context():
        yield app


@pytest.fixture
def ada(opened: Flask) -> Resident:
    """Somebody with hours, a visitor who is there, and a business."""
    ada = resident(opened, "Ada")
    parked.permit(ada.account, "", kind="visitor", days=365)
    parked.balance(ada.account, minutes=600)
    start_visit(ada.account, registration="AB12CDE", hours=1, key=uuid4())
    purchase()
    shop(ada)
    session().commit()
    return ada


def purchase(status: str = "paid") -> None:
    """Hours that were chosen."""
    session().add(
        VisitorPurchase(
            balance_id=session().scalars(select(VisitorBalance.id)).first(),
            minutes=600,
            reduced_minutes=0,
            pence=1600,
            status=status,
            refunded_minutes=0,
            refunded_pence=0,
            created_at=clock.now(),
            paid_at=clock.now() if status == "paid" else None,
        )
    )
    session().commit()


def shop(owner: Resident) -> UUID:
    """A business."""
    row_id = uuid4()
    session().add(
        Business(
            id=row_id,
            name="Bakery",
            number="12",
            uprn="1",
            address="1 Larkspur Lane",
            postcode="W6 9JU",
            zone="A",
            status="open",
            created_at=clock.now(),
        )
    )
    session().flush()
    session().add(BusinessMember(business_id=row_id, account_id=owner.account.id, role="owner", joined_at=clock.now()))
    session().flush()
    invite(owner.account, business_id=row_id, role="driver")
    session().commit()
    return row_id


def many(table: type[Base]) -> int:
    """How many rows there are."""
    return session().scalar(select(func.count()).select_from(table)) or 0


def test_the_data_file_holds_visits_purchases_and_businesses(ada: Resident, opened: Flask) -> None:
    about: Any = SERVICE.export(ada.account)
    assert about["visitor_parking"]["visits"][0]["registration"] == "AB12CDE"
    assert about["visitor_parking"]["purchases"][0]["pence"] == 1600
    assert about["visitor_parking"]["balances"][0]["minutes"] == 540
    assert (about["businesses"][0]["name"], about["codes_made_for_colleagues"]) == ("Bakery", 1)
    assert "AB12CDE" in ada.post("/your-data", 200).get_data(as_text=True)
    nobody: Any = SERVICE.export(resident(opened, "Ben").account)
    assert nobody["visitor_parking"] == {"balances": [], "purchases": [], "visits": []}
    assert nobody["businesses"] == []


def test_forgetting_leaves_nothing_of_them(ada: Resident, opened: Flask) -> None:
    SERVICE.forget(ada.account)
    session().commit()
    tables = (VisitorBalance, VisitorPurchase, VisitorSession, Business, BusinessMember, BusinessInvitation)
    assert [many(table) for table in tables] == [0] * 6


def test_forgetting_leaves_others_alone(ada: Resident, opened: Flask) -> None:
    ben = resident(opened, "Ben")
    parked.permit(ben.account, "", kind="visitor", days=365, uprn="900000000002")
    parked.balance(ben.account, minutes=60, uprn="900000000002")
    session().commit()
    SERVICE.forget(ada.account)
    session().commit()
    assert many(VisitorBalance) == 1
    start_visit(ben.account, registration="AB12CDE", hours=1, key=uuid4())


@pytest.mark.parametrize(("first", "second", "owner"), [("driver", "manager", "Carys"), ("driver", "driver", "Ben")])
def test_a_business_whose_owner_is_forgotten_goes_to_another_member(
    ada: Resident, opened: Flask, first: Any, second: Any, owner: str
) -> None:
    (business,) = session().scalars(select(Business.id))
    people = {"Ben": first, "Carys": second}
    for name, role in people.items():
        join_business(resident(opened, name).account, code=invite(ada.account, business_id=business, role=role))
        session().commit()
    SERVICE.forget(ada.account)
    session().commit()
    found = session().scalars(select(BusinessMember.account_id).where(BusinessMember.role == "owner")).all()
    assert found == [resident(opened, owner).account.id]
    assert many(BusinessMember) == 2


def test_a_business_with_permits_is_closed_without_its_name_when_nobody_is_left(ada: Resident) -> None:
    (business,) = session().scalars(select(Business.id))
    parked.permit(ada.account, "XY34ZZZ", kind="business", business_id=business)
    session().commit()
    SERVICE.forget(ada.account)
    session().commit()
    row = session().scalars(select(Business)).one()
    assert (row.status, row.name, row.number, row.address, row.uprn) == ("closed", "", "", "", None)


def test_what_is_too_old_is_let_go(ada: Resident) -> None:
    long_ago = clock.now() - timedelta(days=40)
    purchase("to_pay")
    let_go()
    assert [many(table) for table in (VisitorSession, VisitorPurchase, BusinessInvitation)] == [1, 2, 1]
    session().execute(update(VisitorPurchase).values(created_at=long_ago))
    session().execute(update(BusinessInvitation).values(expires_at=long_ago))
    ended = clock.now() - timedelta(days=366)
    session().execute(update(VisitorSession).values(ends_at=ended))
    let_go()
    session().commit()
    assert [many(table) for table in (VisitorSession, VisitorPurchase, BusinessInvitation)] == [0, 1, 0]


def test_home_shows_who_is_there_and_what_is_left(ada: Resident, opened: Flask) -> None:
    card, business = home_cards(ada.account)
    assert (str(card.title), card.tag) == ("Visitor parking, Zone A", "1 car there")
    assert "AB12 CDE may park until" in str(card.text)
    assert str(card.text).endswith("You have 9 hours left.")
    ada.get(card.url)
    assert business.title == "Bakery"
    ada.get(business.url)
    (bought,) = activity(ada.account)
    assert "10 hours" in str(bought.title)
    ben = resident(opened, "Ben").account
    assert [list(part(ben)) for part in (home_cards, activity)] == [[], []]


def test_home_waits_for_few_statements_of_ours(ada: Resident, opened: Flask) -> None:
    car = parked.permit(ada.account, "AA19AAA")
    parked.lent(car, "AA19DSL")
    session().commit()
    with statements(opened) as seen:
        cards, happened = home_cards(ada.account), activity(ada.account)
    assert [str(card.title).split(",")[0] for card in cards] == [
        "Resident parking permit AA19 AAA",
        "Visitor parking",
        "Bakery",
    ]
    assert "AA19 DSL may park today" in str(cards[0].text)
    assert len(happened) == 1
    assert len(seen) <= 2  # one for the cards, one for what happened
