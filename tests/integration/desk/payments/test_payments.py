"""Staff find a payment, give money back once, and see to what nobody has taken, where they have the right."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.accounts.values import Account
from portal.backoffices.deliveries import MOST_SHOWN, deliver
from portal.backoffices.sending import EXTENSION
from portal.backoffices.values import Hooks, nothing_delivered, nothing_undeliverable
from portal.db.session import session
from portal.desk import payments as pages
from portal.payments.receipts import get_payment, in_suspense, refunds_of
from portal.payments.refunding import again
from portal.payments.refunds import refund
from portal.payments.values import Payment
from portal.staff.models import StaffLookRow
from tests.integration.payments.conftest import Pay, books, settled
from tests.support.fixtures import Clock
from tests.support.payments import SERVICE, PlayedGateway, Toll
from tests.support.staff import Colleague, colleague
from tests.support.worker import work

DESK = "/desk/payments"


@pytest.fixture
def lead(pay_app: Flask) -> Colleague:
    """Who may give money back."""
    return colleague(pay_app, "Lea", role="lead")


def refund_page(payment: Payment) -> str:
    return f"{DESK}/{payment.reference}/{payment.lines[0].id}/refund"


def fresh(payer: Account, payment: Payment) -> Payment:
    session().rollback()
    return get_payment(payer, payment.reference)


def test_a_payment_is_found_by_what_is_read_out_and_the_look_is_noted(
    pay_app: Flask, lead: Colleague, paid: Pay, payer: Account
) -> None:
    payment = paid()
    lead.get(DESK)
    found = lead.client.submit(reference=payment.reference.lower().replace("-", " "))
    page = lead.get(str(found.location))
    assert "Toll a" in page
    assert "£12" in page
    session().rollback()
    assert session().scalars(select(StaffLookRow.what)).all() == ["payments"]


def test_what_is_not_there_is_said(lead: Colleague) -> None:
    lead.get(DESK)
    lead.client.submit(reference="PAY-2222-2222")
    assert "There is no payment with this reference that you may see." in lead.client.page.html
    lead.get(f"{DESK}/PAY-2222-2222", status=404)


def test_money_goes_back_once_however_often_the_button_is_pressed(lead: Colleague, paid: Pay, payer: Account) -> None:
    payment = paid()
    lead.get(refund_page(payment))
    sent = dict(lead.client.page.form_with("amount").values) | {"amount": "£5.50", "reason": "Bridge was closed"}
    for _ in range(3):
        assert lead.client.post(refund_page(payment), data=sent).status_code == 303
    (made,) = refunds_of(payment.id)
    assert (made.amount, made.reason, made.actor) == (550, "Bridge was closed", lead.staff.actor)
    page = lead.get(f"{DESK}/{payment.reference}")
    for words in ("£5.50", "Toll a", "Lea"):
        assert words in page[page.index("Refunds") :]


def test_the_form_says_what_becomes_of_the_thing(lead: Colleague, toll: Toll, paid: Pay) -> None:
    assert "The toll stays paid. Close the bridge for them in its own list." in lead.get(refund_page(paid()))
    toll.takes = lambda _paid: False
    assert "The toll stays paid." not in lead.get(refund_page(paid()))


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("12.01", "You can refund up to £12"),
        ("0", "You can refund up to £12"),
        ("1.5", "Enter an amount"),
        ("x", "Enter"),
        ("10,5", "Enter an amount"),
        ("1,0.00", "Enter an amount"),
        ("10,50", "Enter an amount"),
    ],
    ids=["too much", "nothing", "half written", "no number", "half a comma", "early comma", "comma as point"],
)
def test_no_more_goes_back_than_was_paid(lead: Colleague, paid: Pay, payer: Account, amount: str, said: str) -> None:
    payment = paid()
    lead.get(refund_page(payment))
    lead.client.submit(amount=amount, reason="Because")
    assert said in lead.client.page.html
    assert fresh(payer, payment).refunded == 0


def test_money_that_nobody_took_is_listed_and_offered_again(
    lead: Colleague, toll: Toll, paid: Pay, payer: Account
) -> None:
    toll.takes = lambda _paid: False
    payment = paid()
    assert payment.reference in lead.get(f"{DESK}/suspense")
    toll.takes = lambda _paid: True
    lead.get(f"{DESK}/{payment.reference}")
    lead.post(f"{DESK}/{payment.reference}/{payment.lines[0].id}/offer")
    assert "The service has taken the money." in lead.get(f"{DESK}/{payment.reference}")
    assert "There is none." in lead.get(f"{DESK}/suspense")
    assert books() == {"gateway": 1200, "toll": -1200}


def test_what_is_still_not_wanted_says_so_and_can_be_given_back(
    lead: Colleague, toll: Toll, paid: Pay, payer: Account
) -> None:
    toll.takes = lambda _paid: False
    payment = paid()
    lead.get(f"{DESK}/{payment.reference}")
    lead.post(f"{DESK}/{payment.reference}/{payment.lines[0].id}/offer")
    assert "The service still does not take it." in lead.get(f"{DESK}/{payment.reference}")
    lead.get(refund_page(payment))
    lead.client.submit(amount="12", reason="Not wanted")
    assert fresh(payer, payment).refunded == 1200
    assert in_suspense()[0] == []


def test_who_may_not_give_money_back_sees_no_way_to(pay_app: Flask, paid: Pay) -> None:
    payment, contact = paid(), colleague(pay_app, "Connie", role="contact")
    assert "Give money back" not in contact.get(f"{DESK}/{payment.reference}")
    contact.get(refund_page(payment), status=403)
    contact.get(f"{DESK}/suspense", status=403)


def test_who_leads_another_service_sees_nothing_of_it(pay_app: Flask, toll: Toll, paid: Pay) -> None:
    toll.takes = lambda _paid: False
    payment, other = paid(), colleague(pay_app, "Otto", role="lead", service="reporting")
    other.get(f"{DESK}/{payment.reference}", status=404)
    other.get(refund_page(payment), status=404)
    assert payment.reference not in other.get(f"{DESK}/suspense")


def test_who_leads_one_service_clicks_through_no_empty_pages(
    pay_app: Flask, lead: Colleague, toll: Toll, paid: Pay, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 1)
    toll.takes = lambda _paid: False
    others, own = paid(), paid()
    session().execute(
        text("update portal.payment_line set service = 'reporting' where payment_id = :it"), {"it": own.id}
    )
    session().commit()
    otto = colleague(pay_app, "Otto", role="lead", service="reporting")
    page = otto.get(f"{DESK}/suspense")
    assert own.reference in page
    assert others.reference not in page


def test_refund_that_did_not_go_through_is_listed_until_it_is_asked_for_again(
    pay_app: Flask, lead: Colleague, gate: PlayedGateway, paid: Pay, at: Clock
) -> None:
    payment = paid()
    (line,) = payment.lines
    refund("system:toll", line_id=line.id, amount=500, reason="Closed early", key="first")
    session().commit()
    work()
    assert payment.reference not in lead.get(f"{DESK}/suspense")
    (made,) = gate.refunds[str(payment.gateway_id)]
    gate.refund_becomes(made.id, "error")
    at.advance(minutes=2)
    again()
    page = lead.get(f"{DESK}/suspense")
    assert [words in page for words in ("The payment service said no", payment.reference, "£5", "Closed early")] == [
        True
    ] * 4
    other = colleague(pay_app, "Otto", role="lead", service="reporting")
    assert payment.reference not in other.get(f"{DESK}/suspense")
    at.advance(minutes=1)
    refund("system:toll", line_id=line.id, amount=500, reason="Closed early", key="second")
    session().commit()
    assert payment.reference not in lead.get(f"{DESK}/suspense")


def test_money_of_another_amount_is_listed_to_be_given_back(
    lead: Colleague, begun: Pay, gate: PlayedGateway, payer: Account
) -> None:
    payment = begun()
    gate.payments[str(payment.gateway_id)] = replace(gate.payments[str(payment.gateway_id)], amount=700)
    gate.becomes(str(payment.gateway_id), "success")
    settled(payment)
    page = lead.get(f"{DESK}/suspense")
    assert "£7" in page
    assert "Another amount was paid than we asked for" in page
    found = in_suspense()[0][0]
    assert "Offer it to the service again" not in lead.get(f"{DESK}/{found.reference}")
    lead.get(refund_page(found))
    lead.client.submit(amount="7", reason="Not asked for")
    assert fresh(payer, found).refunded == 700
    assert in_suspense()[0] == []


def test_what_a_back_office_never_answered_is_listed_with_its_payment(
    pay_app: Flask, lead: Colleague, paid: Pay, payer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = Hooks({"book": lambda _payload, _key: {}}, nothing_delivered, nothing_undeliverable)
    monkeypatch.setitem(pay_app.extensions, EXTENSION, {SERVICE: hooks})
    payment = paid()
    keys = (f"booking {payment.lines[0].id}", "refused")
    unanswered, refused = (deliver(payer.id, service=SERVICE, act="book", payload={}, key=key).id for key in keys)
    session().execute(text("update portal.delivery set state = 'undeliverable', sealed = null, done_at = now()"))
    session().execute(text("update portal.delivery set failures = 72 where id = :it"), {"it": unanswered})
    session().commit()
    page = lead.get(f"{DESK}/suspense")
    assert str(unanswered) in page
    assert f"{DESK}/{payment.reference}" in page
    assert str(refused) not in page
    other = colleague(pay_app, "Otto", role="lead", service="reporting")
    assert str(unanswered) not in other.get(f"{DESK}/suspense")


def test_what_was_never_answered_is_not_cut_off_by_what_other_services_have(
    pay_app: Flask, payer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = Hooks({"book": lambda _payload, _key: {}}, nothing_delivered, nothing_undeliverable)
    monkeypatch.setitem(pay_app.extensions, EXTENSION, {"reporting": hooks, SERVICE: hooks})
    own = deliver(payer.id, service="reporting", act="book", payload={}, key="own").id
    for number in range(MOST_SHOWN):
        deliver(payer.id, service=SERVICE, act="book", payload={}, key=f"other {number}")
    session().execute(
        text("update portal.delivery set state = 'undeliverable', sealed = null, done_at = now(), failures = 72")
    )
    session().commit()
    otto = colleague(pay_app, "Otto", role="lead", service="reporting")
    assert str(own) in otto.get(f"{DESK}/suspense")


def test_refunds_that_did_not_go_through_are_not_cut_off_by_those_of_other_services(
    pay_app: Flask, paid: Pay, gate: PlayedGateway, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 1)
    own, others = paid(), paid()
    for payment in (own, others):
        refund("system:toll", line_id=payment.lines[0].id, amount=500, reason="Closed", key="first")
        session().commit()
        work()
        gate.refund_becomes(gate.refunds[str(payment.gateway_id)][0].id, "error")
    at.advance(minutes=2)
    again()
    session().execute(
        text("update portal.payment_line set service = 'reporting' where payment_id = :it"), {"it": own.id}
    )
    session().commit()
    otto = colleague(pay_app, "Otto", role="lead", service="reporting")
    page = otto.get(f"{DESK}/suspense")
    assert (own.reference in page, others.reference in page) == (True, False)
