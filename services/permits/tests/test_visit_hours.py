"""Hours of visitor parking: priced by the tariff, paid through the basket, given back while they are not used."""

from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.kit import NotFound, Paid, Refunded, Refused, clock, pay_path, payments_for, refund, session
from services.permits.models.permits import Permit
from services.permits.models.visitors import VisitorBalance, VisitorPurchase
from services.permits.operations.visit_hours import choose_hours, give_back_hours, note_paid, note_refunded
from services.permits.operations.visits import start_visit, stop_visit
from services.permits.queries import visit_purchases as purchases
from services.permits.queries import visits as queries
from services.permits.rules.visit_prices import Concession, Span, VisitPrices
from services.permits.rules.visits import Bought, give_back, hours_price, minutes_used, offers
from services.permits.tests import parked
from services.permits.workflow import SERVICE
from tests.support.paying_through import goes_to_pay, in_basket, refunds_go_on, succeeds
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident
from tests.support.worker import work

PAGE = "/services/permits/visitors"
DEMO = VisitPrices(
    spans=(Span(60, 160),),
    concessions=(Concession(mark="blue_badge", spans=(Span(60, 80),), minutes_a_year=240 * 60),),
    least_purchase=500,
    at_once=2,
)


@pytest.fixture
def host(parking: Flask, holder: Resident) -> Resident:
    """Somebody with visitor parking, and no hours."""
    parked.permit(holder.account, "", kind="visitor", days=365, zone_code="K")
    session().commit()
    return holder


def buys(who: Resident, gate: PlayedGateway, hours: int) -> UUID:
    """Choose, go to the gateway, pay there."""
    purchase = choose_hours(who.account, hours=hours)
    session().commit()
    succeeds(who.account, gate, goes_to_pay(who.account))
    return purchase


def left(who: Resident) -> int:
    """Minutes on their balance."""
    session().rollback()
    return sum(each.minutes for each in queries.visiting_of(who.account))


def row_of(purchase: UUID) -> VisitorPurchase:
    """As it is in the table."""
    found = session().get(VisitorPurchase, purchase, populate_existing=True)
    assert found is not None
    return found


def test_hours_are_on_the_balance_once_they_are_paid(host: Resident, gate: PlayedGateway) -> None:
    purchase = choose_hours(host.account, hours=10)
    session().commit()
    assert in_basket(host.account) == [1600]
    reference = goes_to_pay(host.account)
    assert left(host) == 0
    for _ in range(2):
        succeeds(host.account, gate, reference)
    assert left(host) == 600
    (line,) = payments_for(host.account, SERVICE, str(purchase))
    assert (line.amount, line.taken) == (1600, True)
    assert in_basket(host.account) == []


def test_other_hours_take_the_place_of_those_in_the_basket(host: Resident, gate: PlayedGateway) -> None:
    first = choose_hours(host.account, hours=10)
    choose_hours(host.account, hours=20)
    session().commit()
    assert in_basket(host.account) == [3200]
    with pytest.raises(Refused):
        purchases.purchase_due(host.account, str(first))


def test_hours_that_were_given_up_and_paid_all_the_same_are_given(host: Resident, gate: PlayedGateway) -> None:
    choose_hours(host.account, hours=10)
    session().commit()
    reference = goes_to_pay(host.account)
    choose_hours(host.account, hours=20)
    session().commit()
    succeeds(host.account, gate, reference)
    assert left(host) == 600


def test_a_purchase_that_is_told_of_twice_gives_its_hours_once(host: Resident, gate: PlayedGateway) -> None:
    purchase = buys(host, gate, 10)
    line = row_of(purchase).line_id
    assert line is not None

    def told(line_id: UUID, key: UUID = purchase) -> bool:
        paid = Paid(
            payment_reference="X",
            line_id=line_id,
            account_id=host.account.id,
            code="visitor_hours",
            key=str(key),
            amount=1600,
            at=clock.now(),
        )
        return note_paid(paid)

    assert told(line) is True
    assert told(uuid4()) is False  # paid a second time: nobody wants that money
    assert told(uuid4(), key=uuid4()) is False
    session().commit()
    assert left(host) == 600


def test_nobody_pays_for_anothers_hours(host: Resident, neighbour: Resident) -> None:
    purchase = choose_hours(host.account, hours=10)
    session().commit()
    for key in (str(purchase), str(uuid4()), "nonsense"):
        with pytest.raises(NotFound):
            purchases.purchase_due(neighbour.account, key)


def test_hours_chosen_before_prices_changed_are_chosen_again(host: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    purchase = choose_hours(host.account, hours=10)
    monkeypatch.setattr(purchases, "_version", lambda _tariff: ("another", clock.today()))
    with pytest.raises(Refused, match="Prices have changed"):
        purchases.purchase_due(host.account, str(purchase))


def test_a_blue_badge_halves_the_price_of_the_first_240_hours_in_12_months(
    host: Resident, gate: PlayedGateway, at: Any
) -> None:
    session().execute(update(Permit).values(answers={"marks": ["blue_badge"]}))
    session().commit()
    assert row_of(buys(host, gate, 40)).pence == 40 * 80
    session().execute(update(VisitorPurchase).values(reduced_minutes=230 * 60, minutes=230 * 60))
    session().commit()
    choose_hours(host.account, hours=20)
    session().commit()
    assert in_basket(host.account) == [10 * 80 + 10 * 160]
    at.advance(days=366)
    visiting = queries.Visiting("K", "", "", "", None, frozenset({"blue_badge"}), None, _balance(host), 0)
    assert queries.price_for(visiting, 20).price.pence == 20 * 80


def _balance(who: Resident) -> UUID:
    return session().scalars(select(VisitorBalance.id).where(VisitorBalance.account_id == who.account.id)).one()


def test_hours_that_nobody_sells_are_refused(host: Resident, neighbour: Resident) -> None:
    for hours in (0, -5, 7, 41):
        with pytest.raises(Refused):
            choose_hours(host.account, hours=hours)
    with pytest.raises(NotFound):
        choose_hours(neighbour.account, hours=10)
    session().execute(update(Permit).values(status="expired"))
    session().execute(update(VisitorBalance).values(minutes=60))
    session().commit()
    with pytest.raises((Refused, NotFound)):
        choose_hours(host.account, hours=10)


def test_nobody_hoards_hours(host: Resident, gate: PlayedGateway) -> None:
    buys(host, gate, 40)
    session().execute(update(VisitorBalance).values(minutes=495 * 60))
    session().commit()
    with pytest.raises(Refused, match="at most 500"):
        choose_hours(host.account, hours=10)


def test_unused_hours_are_given_back_to_the_card(host: Resident, gate: PlayedGateway, at: Any) -> None:
    at.move_to("2026-11-24T12:00")
    first = buys(host, gate, 10)
    at.advance(minutes=1)
    second = buys(host, gate, 5)
    visit = start_visit(host.account, registration="AB12CDE", hours=4, key=uuid4())
    stop_visit(host.account, visit_id=visit.id)
    session().commit()
    assert left(host) == 14 * 60
    pence = give_back_hours(host.account, zone="K", minutes=14 * 60)
    session().commit()
    assert pence == 14 * 160
    assert left(host) == 0
    assert (row_of(second).refunded_pence, row_of(first).refunded_pence) == (800, 9 * 160)
    refunded = [line.refunded for each in (first, second) for line in payments_for(host.account, SERVICE, str(each))]
    assert refunded == [9 * 160, 800]
    with pytest.raises(Refused):
        give_back_hours(host.account, zone="K", minutes=14 * 60)


def test_what_is_left_is_given_back_only_as_the_page_showed_it(host: Resident, gate: PlayedGateway) -> None:
    buys(host, gate, 10)
    with pytest.raises(Refused, match="changed since"):
        give_back_hours(host.account, zone="K", minutes=300)
    assert left(host) == 600


def test_a_council_that_gives_nothing_back_says_so(
    host: Resident, gate: PlayedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    buys(host, gate, 10)
    none = VisitPrices(spans=(Span(60, 160),), refund="none")
    monkeypatch.setattr(purchases, "prices_in", lambda _tariff: none)
    with pytest.raises(Refused, match="does not give money back"):
        give_back_hours(host.account, zone="K", minutes=600)
    session().rollback()
    assert "does not give money back" in host.get(f"{PAGE}/give-back")


def test_hours_that_cost_nothing_are_not_given_back(host: Resident, gate: PlayedGateway) -> None:
    parked.balance(host.account, minutes=120, zone_code="K")
    session().commit()
    page = host.get(f"{PAGE}/give-back")
    assert "No money can come back" in page
    assert 'name="sure"' not in page
    with pytest.raises(Refused, match="No money can come back"):
        give_back_hours(host.account, zone="K", minutes=120)
    assert left(host) == 120
    buys(host, gate, 10)
    session().rollback()
    page = host.get(f"{PAGE}/give-back")
    assert "You have 12 hours left." in page
    assert "For 10 hours we send £16" in page
    host.post(f"{PAGE}/give-back", minutes="720", sure="yes")
    assert left(host) == 120


def test_what_staff_give_back_goes_off_the_balance_and_never_below_nothing(host: Resident, gate: PlayedGateway) -> None:
    purchase = buys(host, gate, 10)
    line = row_of(purchase).line_id
    assert line is not None

    def told(all_of_it: int) -> None:
        note_refunded(
            Refunded(
                payment_reference="X",
                line_id=line,
                refund_id=uuid4(),
                account_id=host.account.id,
                code="visitor_hours",
                key=str(purchase),
                amount=800,
                refunded=all_of_it,
                at=clock.now(),
            )
        )
        session().commit()

    for _ in range(2):
        told(800)
        assert left(host) == 300
    start_visit(host.account, registration="AB12CDE", hours=4, key=uuid4())
    session().commit()
    told(1600)
    assert left(host) == 0
    assert row_of(purchase).refunded_pence == 1600


def test_what_we_gave_back_ourselves_takes_nothing_off_twice(host: Resident, gate: PlayedGateway) -> None:
    purchase = buys(host, gate, 10)
    give_back_hours(host.account, zone="K", minutes=600)
    session().commit()
    buys(host, gate, 5)
    line = row_of(purchase).line_id
    assert line is not None
    with pytest.raises(Refused):
        refund("system:permits", line_id=line, amount=1, reason="Again", key="again")
    session().rollback()
    assert left(host) == 300


def test_hours_whose_money_did_not_go_back_stay_given_up_and_it_is_not_counted(
    host: Resident, gate: PlayedGateway, at: Any
) -> None:
    purchase = buys(host, gate, 10)
    give_back_hours(host.account, zone="K", minutes=600)
    session().commit()
    work()
    (sent,) = (each for made in gate.refunds.values() for each in made)
    gate.refund_becomes(sent.id, "error")
    at.advance(minutes=2)
    refunds_go_on()
    assert left(host) == 0
    assert (row_of(purchase).refunded_minutes, row_of(purchase).refunded_pence) == (600, 0)


def test_the_page_puts_hours_in_the_basket(host: Resident, gate: PlayedGateway) -> None:
    page = host.get(f"{PAGE}/hours")
    assert "10 hours for £16" in page
    assert host.refused(f"{PAGE}/hours", hours="7") == ["Choose how many hours to buy"]
    assert host.post(f"{PAGE}/hours", hours="10").location == pay_path()
    session().rollback()
    assert in_basket(host.account) == [1600]


def test_the_page_gives_unused_hours_back(host: Resident, gate: PlayedGateway) -> None:
    buys(host, gate, 10)
    session().rollback()
    assert "You have 10 hours left." in host.get(f"{PAGE}/give-back")
    assert host.refused(f"{PAGE}/give-back", minutes="600")
    host.post(f"{PAGE}/give-back", minutes="600", sure="yes")
    assert left(host) == 0
    assert "You have no hours left." in host.get(f"{PAGE}/give-back")


def test_what_is_offered_costs_at_least_what_must_be_spent() -> None:
    assert offers(DEMO, (1, 3, 4, 5, 40)) == (4, 5, 40)


@given(st.integers(1, 500), st.integers(0, 300 * 60))
def test_the_reduced_price_is_for_so_many_minutes_and_no_more(hours: int, used: int) -> None:
    cost = hours_price(DEMO, hours * 60, frozenset({"blue_badge"}), used)
    reduced = min(hours * 60, max(0, 240 * 60 - used))
    assert cost.reduced_minutes == reduced
    assert cost.price.pence == -(-reduced // 60) * 80 + -(-(hours * 60 - reduced) // 60) * 160
    assert sum(step.pence for step in cost.price.steps) == cost.price.pence
    assert hours_price(DEMO, hours * 60, frozenset(), used).price.pence == hours * 160


PURCHASES = st.lists(
    st.tuples(st.integers(1, 3000), st.integers(0, 9000)).flatmap(
        lambda each: st.integers(0, each[0]).map(
            lambda back: Bought(each[0], each[1], back, int(Fraction(each[1] * back, each[0]) + Fraction(1, 2)))
        )
    ),
    max_size=4,
)


@given(PURCHASES, st.integers(0, 10_000))
def test_never_more_goes_back_than_was_paid(purchases: list[Bought], unused: int) -> None:
    back = give_back(unused, purchases)
    assert sum(each.minutes for each in back) == min(unused, sum(each.left for each in purchases))
    for each in back:
        of = purchases[each.place]
        assert 0 < each.minutes <= of.left
        assert 0 <= each.pence <= of.pence - of.refunded_pence
        if each.minutes == of.left:
            assert each.pence == of.pence - of.refunded_pence


@given(st.integers(0, 100_000), st.integers(1, 24))
def test_a_visit_takes_whole_hours_and_never_more_than_were_paid(seconds: int, hours: int) -> None:
    began = clock.now()
    used = minutes_used(began, began + timedelta(seconds=seconds), 60, hours * 60)
    assert used % 60 == 0
    assert 60 <= used <= hours * 60
    assert used == hours * 60 or used * 60 >= seconds
