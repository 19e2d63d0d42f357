"""A payment's page after the return, whatever became of it; the list; the receipt as a page and as a file."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.db.session import session
from portal.errors import Unavailable
from portal.home.receipt import receipt_paper
from portal.payments.gateway import GatewayState
from portal.payments.receipts import get_payment, payments_of
from portal.payments.refunds import refund
from portal.payments.returning import PATH as RETURN_PATH
from portal.payments.returning import address_for
from portal.payments.telling import PAGE
from portal.payments.values import Payment
from portal.web.languages import using
from tests.integration.payments.conftest import fill, settled
from tests.support.paying_through import in_basket, presses_pay
from tests.support.payments import PlayedGateway, Toll
from tests.support.pdf import read_pdf
from tests.support.residents import Resident, resident
from tests.support.worker import work


def at_the_gateway(who: Resident, gate: PlayedGateway, *keys: str) -> Payment:
    """They pressed the button, and are on the card page."""
    fill(who.account, *keys or ("a",))
    presses_pay(who)
    reference = list(gate.payments.values())[-1].reference
    return get_payment(who.account, reference)


def becomes(gate: PlayedGateway, payment: Payment, state: GatewayState, code: str = "") -> None:
    assert payment.gateway_id is not None
    gate.becomes(payment.gateway_id, state, code)


def back(who: Resident, payment: Payment) -> str:
    """Follow the gateway's redirect to where it ends."""
    answer = who.client.get(address_for(payment.id).removeprefix("http://localhost"))
    assert answer.status_code == 303
    return who.get(str(answer.location))


def test_the_addresses_that_letters_and_the_gateway_are_given_are_those_of_the_pages(pay_app: Flask) -> None:
    adapter = pay_app.url_map.bind("localhost")
    assert adapter.match(f"{RETURN_PATH}x") == ("payments.returned", {"token": "x"})
    assert adapter.match(PAGE.format("PAY-1")) == ("payments.payment", {"reference": "PAY-1"})


def test_who_has_paid_sees_what_for_and_what_happens_next(pat: Resident, gate: PlayedGateway) -> None:
    payment = at_the_gateway(pat, gate, "a", "b")
    becomes(gate, payment, "success")
    page = back(pat, payment)
    for words in ("You have paid", "£15.50", payment.reference, "Toll b", "You can cross now."):
        assert words in page
    assert in_basket(pat.account) == []


def test_coming_back_is_no_proof_of_payment(pat: Resident, gate: PlayedGateway, toll: Toll) -> None:
    payment = at_the_gateway(pat, gate)
    page = back(pat, payment)
    assert "Your payment is not finished" in page
    assert toll.paid == []


def test_while_the_gateway_is_silent_the_page_says_what_to_do_and_a_press_asks_again(
    pat: Resident, gate: PlayedGateway
) -> None:
    payment = at_the_gateway(pat, gate)
    becomes(gate, payment, "success")

    def away(_act: str) -> None:
        raise Unavailable

    gate.trouble = away
    assert "Do not pay a second time" in back(pat, payment)
    ask = f"/payments/{payment.reference}/ask"
    pat.post(ask)
    assert "The payment service does not answer" in pat.get(f"/payments/{payment.reference}")
    gate.trouble = lambda _act: None
    assert "You have paid" in pat.get(str(pat.post(ask).location))


@pytest.mark.parametrize(
    ("state", "code", "heading", "why"),
    [
        ("failed", "P0010", "Your payment did not go through", "Your bank did not accept the card"),
        ("failed", "P0020", "Your payment ran out of time", "90 minutes"),
        ("failed", "P0030", "Your payment was cancelled", "You cancelled it"),
        ("cancelled", "P0040", "Your payment was cancelled", "It was cancelled before you paid"),
        ("error", "P0050", "We could not take your payment", "That was not your doing"),
        ("failed", "P9999", "Your payment did not go through", "Your bank can tell you why"),
    ],
    ids=["declined", "expired", "cancelled by them", "cancelled by us", "fault", "a code of tomorrow"],
)
def test_what_came_to_nothing_is_explained_with_the_way_on(
    pat: Resident, gate: PlayedGateway, state: GatewayState, code: str, heading: str, why: str
) -> None:
    payment = at_the_gateway(pat, gate)
    becomes(gate, payment, state, code)
    page = back(pat, payment)
    for words in (heading, why, "No money was taken", "Go to your basket"):
        assert words in page
    assert in_basket(pat.account) == [1200]


def test_an_open_payment_is_gone_on_with_or_cancelled(pat: Resident, gate: PlayedGateway) -> None:
    payment = at_the_gateway(pat, gate)
    page = f"/payments/{payment.reference}"
    pat.get(page)
    assert str(pat.post(f"{page}/resume").location).startswith("https://card.example/")
    assert "Your payment was cancelled" in pat.get(str(pat.post(f"{page}/cancel").location))
    assert in_basket(pat.account) == [1200]


def test_who_cancels_what_was_paid_a_moment_before_is_told_that_it_is_paid(pat: Resident, gate: PlayedGateway) -> None:
    payment = at_the_gateway(pat, gate)
    becomes(gate, payment, "success")
    assert "You have paid" in pat.get(str(pat.post(f"/payments/{payment.reference}/cancel").location))


def test_the_receipt_is_a_file_with_what_was_paid_and_given_back(pat: Resident, gate: PlayedGateway) -> None:
    payment = at_the_gateway(pat, gate, "a", "b")
    pat.get(f"/payments/{payment.reference}/receipt.pdf", status=404)
    becomes(gate, payment, "success")
    payment = settled(payment)
    refund("staff:1", line_id=payment.lines[0].id, amount=200, reason="Bridge was closed", key="k")
    session().commit()
    assert "Bridge was closed" not in read_pdf(pat.client.get(f"/payments/{payment.reference}/receipt.pdf").data).text
    gate.refund_state = "success"
    work()
    answer = pat.client.get(f"/payments/{payment.reference}/receipt.pdf")
    assert answer.mimetype == "application/pdf"
    paper = read_pdf(answer.data)
    text = paper.text
    assert (paper.conforms, paper.marked, paper.language, paper.embedded) == ("ua-1", True, "en-GB", True)
    assert paper.title == f"Receipt {payment.reference}"
    assert {"Table", "TH", "H1"} <= set(paper.tags)
    for words in (payment.reference, "Toll a", "£15.50", "Bridge was closed", "£2"):
        assert words in text
    assert "Toll a" in text[text.index("What was given back") :]
    assert "Bridge was closed" in pat.get(f"/payments/{payment.reference}")


def test_the_list_has_every_payment_newest_first_and_goes_on(
    pat: Resident, gate: PlayedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.home.payments.PAGE", 2)
    made = []
    for _ in range(3):
        payment = at_the_gateway(pat, gate, "a", "b")
        becomes(gate, payment, "failed", "P0010")
        settled(payment)
        made.append(payment.reference)
    page = pat.get("/payments")
    assert [reference in page for reference in made] == [False, True, True]
    assert "Toll a, Toll b" in page
    older = pat.client.page.links()["Show older payments"]
    assert made[0] in pat.get(older)


def test_anothers_payment_looks_like_none(pay_app: Flask, pat: Resident, gate: PlayedGateway) -> None:
    payment = at_the_gateway(pat, gate)
    robin = resident(pay_app, "Robin")
    address = address_for(payment.id).removeprefix("http://localhost")
    for path in (f"/payments/{payment.reference}", f"/payments/{payment.reference}/receipt.pdf", address):
        robin.get(path, status=404)
    for act in ("ask", "resume", "cancel"):
        robin.post(f"/payments/{payment.reference}/{act}", status=404)
    assert payment.reference not in robin.get("/payments")


def test_what_was_paid_since_is_not_said_to_be_in_the_basket(pat: Resident, gate: PlayedGateway) -> None:
    first = at_the_gateway(pat, gate)
    becomes(gate, first, "failed", "P0010")
    assert "is still in your basket" in back(pat, first)
    second = at_the_gateway(pat, gate)
    becomes(gate, second, "success")
    back(pat, second)
    page = pat.get(f"/payments/{first.reference}")
    assert "Your bank did not accept the card" in page
    assert "No money was taken for it." in page
    assert "your basket" not in page.replace("Your basket", "")


def test_the_receipt_has_the_day_that_people_here_had(pat: Resident, gate: PlayedGateway) -> None:
    payment = at_the_gateway(pat, gate)
    becomes(gate, payment, "success")
    payment = settled(payment)
    given = refund("staff:1", line_id=payment.lines[0].id, amount=200, reason="Bridge was closed", key="k")
    at_night = replace(given, state="success", ended_at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert "2 July 2026" in str(receipt_paper(payment, [at_night]))


def test_who_was_charged_another_amount_is_told_and_not_kept_from_paying(pat: Resident, gate: PlayedGateway) -> None:
    payment = at_the_gateway(pat, gate)
    gate.payments[str(payment.gateway_id)] = replace(gate.payments[str(payment.gateway_id)], amount=700)
    becomes(gate, payment, "success")
    page = back(pat, payment)
    assert "Your card was charged another amount than we asked for." in page
    assert "Go to your basket" in page
    assert "No money was taken" not in page
    (taken, _ours), _more = payments_of(pat.account)
    page = pat.get(f"/payments/{taken.reference}")
    assert "This is another amount than we asked for." in page
    assert "£7" in page


def test_who_was_charged_another_amount_after_all_does_not_read_that_no_money_was_taken(
    pat: Resident, gate: PlayedGateway
) -> None:
    payment = at_the_gateway(pat, gate)
    becomes(gate, payment, "failed", "P0010")
    assert "No money was taken for it." in back(pat, payment)
    gate.payments[str(payment.gateway_id)] = replace(gate.payments[str(payment.gateway_id)], amount=700)
    becomes(gate, payment, "success")
    settled(payment)
    page = pat.get(f"/payments/{payment.reference}")
    assert "Your card was charged another amount than we asked for." in page
    assert "No money was taken" not in page
    assert "Your bank did not accept the card" not in page


def test_a_welsh_receipt_names_the_council_in_welsh(pat: Resident, gate: PlayedGateway) -> None:
    payment = at_the_gateway(pat, gate)
    becomes(gate, payment, "success")
    with using("cy"):
        paper = str(receipt_paper(settled(payment), ()))
    assert "Cyngor Bwrdeistref Marlowe" in paper
    assert "Marlowe Borough Council" not in paper
