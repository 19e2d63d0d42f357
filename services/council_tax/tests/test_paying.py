"""Council tax paid by card, the whole way: the page, the basket, the card page, back, the receipt, and the account.

Both outside systems are played behind ports: the council's, and GOV.UK Pay.
"""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from portal.kit import Paid, Refunded, clock, deliveries_of, payments_for, refund, session
from services.council_tax.backoffice.client import system
from services.council_tax.models import CardPayment
from services.council_tax.operations import card_payments
from services.council_tax.operations.forgetting import forget
from services.council_tax.queries.about import everything_about
from services.council_tax.queries.card_payments import on_its_way
from services.council_tax.tests.conftest import Joins
from services.council_tax.tests.connected import connected_to, in_another_process
from services.council_tax.tests.playing import SECRET, TODAY, Home, Playing
from services.council_tax.workflow import SERVICE
from tests.support.fixtures import Clock
from tests.support.office import sweep_deliveries
from tests.support.pay import DECLINED_CARD, Payer, Till, till_running
from tests.support.paying_through import (
    asks_at,
    in_basket,
    loose_payments,
    portal_that_takes_payments,
    presses_pay,
    refunds_go_on,
)
from tests.support.residents import Resident
from tests.support.worker import work

BASKET = "/payments/basket"


@pytest.fixture(scope="module")
def _takes_payments(database_url: str) -> Iterator[Flask]:
    with portal_that_takes_payments(database_url) as app:
        yield app


@pytest.fixture
def app(_takes_payments: Flask, clean_database: str) -> Flask:
    """The portal with a gateway in its settings, instead of the one that takes no cards."""
    return _takes_payments


@pytest.fixture(scope="module")
def _till(database_url: str) -> Iterator[Till]:
    with till_running(database_url) as till:
        yield till


@pytest.fixture
def till(_till: Till, context: Flask) -> Iterator[Till]:
    """GOV.UK Pay, as we play it."""
    with asks_at(context, _till):
        yield _till


@pytest.fixture
def connected(context: Flask, standin: Playing, till: Till, at: Clock) -> Iterator[Playing]:
    """The council's system, on the day that it takes for today."""
    at.move_to(f"{TODAY}T09:00")
    with connected_to(context, standin.url, SECRET):
        yield standin


@pytest.fixture
def home(connected: Playing) -> Home:
    return connected.opens("Ada Tester", on="2026-09-01")


@pytest.fixture
def ada(joins: Joins, home: Home) -> Resident:
    """Who lives there."""
    return joins("Ada", home.person, home.reference)


def page_of(home: Home) -> str:
    return f"/services/council_tax/accounts/{home.reference}/pay"


def owed(home: Home) -> int:
    """What the council's system says is owed, in pence."""
    return system().account(home.person, home.reference).balance


def goes_to_pay(who: Resident, home: Home, pounds: str) -> Payer:
    """From the account's page to the page on which cards are typed."""
    assert who.post(page_of(home), pence=pounds).location == BASKET
    payer = Payer()
    assert payer.follow(presses_pay(who)) == "Enter card details"
    return payer


def comes_back(who: Resident, address: str) -> str:
    """The page that the gateway's redirect ends at."""
    return who.get(str(who.client.get(address.removeprefix("http://localhost")).location))


def pays(who: Resident, home: Home, pounds: str) -> str:
    """All the way: the page that they come back to."""
    payer = goes_to_pay(who, home, pounds)
    payer.type_card()
    return comes_back(who, payer.press())


def test_the_whole_way_from_the_account_to_the_receipt_and_onto_the_account(
    ada: Resident, home: Home, till: Till
) -> None:
    before = owed(home)
    assert "Pay by card" in ada.get(f"/services/council_tax/accounts/{home.reference}")
    page = pays(ada, home, "100.50")
    assert "You have paid" in page
    assert "£100.50" in page
    assert "It is on your council tax account within some minutes." in page
    assert in_basket(ada.account) == []
    work()
    assert owed(home) == before - 10050
    assert till.sums()["taken"] >= 10050
    assert loose_payments() == []


def test_the_councils_system_is_told_once_however_often_the_money_is_learnt_of(ada: Resident, home: Home) -> None:
    before = owed(home)
    payer = goes_to_pay(ada, home, "10")
    payer.type_card()
    address = payer.press()
    for _ in range(3):
        comes_back(ada, address)
        work()
    assert owed(home) == before - 1000
    assert session().scalar(select(func.count()).select_from(CardPayment)) == 1


def test_a_refused_card_is_explained_and_the_amount_is_still_in_the_basket(ada: Resident, home: Home) -> None:
    payer = goes_to_pay(ada, home, "10")
    payer.type_card(DECLINED_CARD)
    page = comes_back(ada, payer.way_back())
    assert "Your payment did not go through" in page
    assert "Your bank did not accept the card" in page
    assert in_basket(ada.account) == [1000]
    payer = Payer()
    payer.follow(presses_pay(ada))
    payer.type_card()
    assert "You have paid" in comes_back(ada, payer.press())


def test_while_the_councils_system_is_away_the_money_waits_is_said_and_arrives_once(
    ada: Resident, home: Home, connected: Playing, at: Clock
) -> None:
    before = owed(home)
    payer = goes_to_pay(ada, home, "25")
    payer.type_card()
    connected.behave(answers="down")
    comes_back(ada, payer.press())
    work()
    in_another_process()
    connected.behave()
    at.advance(minutes=2)
    page = ada.get(page_of(home))
    assert "We have £25 that was paid by card" in page
    sweep_deliveries()
    work()
    assert owed(home) == before - 2500
    assert on_its_way(home.reference) == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter how much you want to pay"),
        ("0", "Pay between"),
        ("999999", "Pay between"),
        ("ten", "must be an amount of money"),
    ],
    ids=["nothing", "zero", "more than is owed", "words"],
)
def test_only_what_is_owed_can_be_paid(ada: Resident, home: Home, typed: str, said: str) -> None:
    ada.get(page_of(home))
    (sentence,) = ada.refused(page_of(home), pence=typed)
    assert said in sentence
    assert in_basket(ada.account) == []


def test_nobody_else_pays_for_what_is_not_theirs(home: Home, robin: Resident) -> None:
    robin.get(page_of(home), status=404)
    robin.post(page_of(home), status=404, pence="10")


def test_what_a_forgotten_payer_paid_is_booked_all_the_same(
    ada: Resident, home: Home, connected: Playing, at: Clock
) -> None:
    before = owed(home)
    connected.behave(answers="down")
    payment = paid_line(ada, home)
    forget(ada.account)
    session().commit()
    connected.behave()
    in_another_process()
    at.advance(minutes=2)
    card_payments.book_left.defer()
    session().commit()
    work()
    assert owed(home) == before - payment.amount
    card_payments.book_one.defer(line_id=str(payment.line_id))
    session().commit()
    work()
    assert owed(home) == before - payment.amount


def test_what_is_given_back_at_the_desk_is_owed_again_and_told_once(ada: Resident, home: Home, at: Clock) -> None:
    before = owed(home)
    pays(ada, home, "30")
    work()
    (line,) = payments_for(ada.account, SERVICE, home.reference)
    for _ in range(2):
        refund("staff:1", line_id=line.line_id, amount=1000, reason="Paid by mistake", key="one")
        session().commit()
        work()
    for _ in range(2):
        at.advance(hours=1)
        refunds_go_on()
        work()
    assert owed(home) == before - 2000


def test_what_the_councils_system_does_not_take_goes_back_to_the_card(ada: Resident, home: Home) -> None:
    pays(ada, home, "30")
    session().execute(update(CardPayment).values(reference="99999999"))
    (row,) = session().scalars(select(CardPayment))
    delivery = next(each for each in deliveries_of(ada.account.id, SERVICE) if each.key == str(row.line_id))
    card_payments.note_not_booked(delivery, "not_found")
    session().commit()
    assert [line.refunded for line in payments_for(ada.account, SERVICE, home.reference)] == [3000]
    assert session().scalars(select(CardPayment.state)).all() == ["refused"]


def test_what_was_paid_by_card_is_in_the_data_file(ada: Resident, home: Home) -> None:
    line = paid_line(ada, home)
    (told,) = everything_about(ada.account)["paid_by_card"]
    assert (told["council_tax_account"], told["pence"], told["state"]) == (home.reference, line.amount, "sent")


def paid_line(who: Resident, home: Home) -> Paid:
    """Money that has come for the account, as the room of payments tells it."""
    paid = Paid(
        payment_reference="PAY-1",
        line_id=uuid.uuid4(),
        account_id=who.account.id,
        code="bill",
        key=home.reference,
        amount=1200,
        at=clock.now(),
    )
    assert card_payments.note_paid(paid)
    session().commit()
    return paid


def has_left_booked() -> None:
    """What the clock does every ten minutes."""
    card_payments.book_left.defer()
    session().commit()
    work()
    work()


def test_what_was_paid_from_an_account_that_is_closed_by_then_is_booked_all_the_same(ada: Resident, home: Home) -> None:
    before = owed(home)
    session().execute(text("update portal.account set closed_at = now() where id = :id"), {"id": ada.account.id})
    payment = paid_line(ada, home)
    has_left_booked()
    assert owed(home) == before - payment.amount


def test_what_no_delivery_has_booked_for_days_is_booked_by_the_job_once(ada: Resident, home: Home, at: Clock) -> None:
    before = owed(home)
    payment = paid_line(ada, home)
    session().execute(text("delete from portal.delivery"))
    for days in (1, 3, 3):
        at.advance(days=days)
        has_left_booked()
        assert owed(home) == before - (payment.amount if days > 1 else 0)


def test_all_goes_back_that_the_councils_system_does_not_take_though_staff_gave_back_a_part(
    ada: Resident, home: Home
) -> None:
    pays(ada, home, "30")
    (line,) = payments_for(ada.account, SERVICE, home.reference)
    refund("staff:1", line_id=line.line_id, amount=1000, reason="Paid by mistake", key="one")
    delivery = next(each for each in deliveries_of(ada.account.id, SERVICE) if each.key == str(line.line_id))
    card_payments.note_not_booked(delivery, "not_found")
    session().commit()
    assert [each.refunded for each in payments_for(ada.account, SERVICE, home.reference)] == [3000]


@pytest.mark.parametrize(("state", "more"), [("refused", 0), ("booked", 500)])
def test_what_the_councils_system_never_took_is_not_owed_again_when_it_goes_back(
    ada: Resident, home: Home, state: str, more: int
) -> None:
    before = owed(home)
    payment = paid_line(ada, home)
    gives_back(payment)
    session().execute(text("delete from portal.delivery where act = :act"), {"act": card_payments.ACT})
    session().execute(update(CardPayment).values(state=state))
    session().commit()
    work()
    assert owed(home) == before + more
    assert deliveries_of(ada.account.id, SERVICE) == []


def test_forgotten_payer_is_not_taken_to_have_paid_what_went_back(ada: Resident, home: Home) -> None:
    before = owed(home)
    payment = paid_line(ada, home)
    work()
    gives_back(payment)
    forget(ada.account)
    session().execute(text("delete from portal.delivery"))  # as the portal does next
    session().commit()
    work()
    assert owed(home) == before - payment.amount + 500


def gives_back(payment: Paid) -> None:
    """£5 of it, as the room of payments tells it."""
    refunded = Refunded(
        payment_reference=payment.payment_reference,
        line_id=payment.line_id,
        refund_id=uuid.uuid4(),
        account_id=payment.account_id,
        code=payment.code,
        key=payment.key,
        amount=500,
        refunded=500,
        at=clock.now(),
    )
    card_payments.note_refunded(refunded)
