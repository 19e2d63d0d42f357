"""Hours at the reduced price: no more in 12 months than the tariff has, however they are bought."""

from sqlalchemy import update

from portal.kit import session
from services.permits.models.permits import Permit
from services.permits.models.visitors import VisitorPurchase
from services.permits.operations.visit_hours import choose_hours
from services.permits.tests import parked
from tests.support.paying_through import goes_to_pay, in_basket
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident


def test_hours_in_a_payment_that_is_open_count_already(holder: Resident, gate: PlayedGateway) -> None:
    parked.permit(holder.account, "", kind="visitor", days=365, zone_code="K")
    session().execute(update(Permit).values(answers={"marks": ["blue_badge"]}))
    session().commit()
    choose_hours(holder.account, hours=40)
    session().execute(update(VisitorPurchase).values(reduced_minutes=230 * 60, minutes=230 * 60))
    session().commit()
    choose_hours(holder.account, hours=20)
    assert in_basket(holder.account) == [20 * 80]  # what is only in the basket makes room for what is chosen instead
    session().rollback()
    goes_to_pay(holder.account)
    choose_hours(holder.account, hours=20)
    session().commit()
    assert in_basket(holder.account) == [10 * 80 + 10 * 160]
