"""The basket's page: today's prices, what cannot be paid and why, and one payment however often it is pressed."""

import pytest
from flask import Flask

from portal.errors import Unavailable
from portal.payments.baskets import PATH
from tests.integration.payments.conftest import count, fill
from tests.support.paying_through import in_basket, presses_pay
from tests.support.payments import PlayedGateway, Toll
from tests.support.residents import Resident, resident


def values_of(who: Resident) -> dict[str, list[str]]:
    """What the button of the basket's page sends."""
    who.get(PATH)
    return dict(who.client.page.form_with("total").values)


def test_an_empty_basket_says_so_and_offers_no_button(pat: Resident) -> None:
    page = pat.get(PATH)
    assert "There is nothing in your basket." in page
    assert "Pay by card" not in page


def test_what_is_in_it_is_shown_with_its_price_and_the_sum(pat: Resident) -> None:
    fill(pat.account, "a", "b")
    page = pat.get(PATH)
    for words in ("Toll a", "£12", "£3.50", "To pay now: £15.50"):
        assert words in page


def test_the_button_leads_to_the_card_page_and_makes_one_payment_however_often_it_is_pressed(
    pat: Resident, gate: PlayedGateway
) -> None:
    fill(pat.account, "a")
    sent = values_of(pat)
    for _ in range(3):
        assert str(pat.client.post(PATH, data=sent).location).startswith("https://card.example/secure/")
    assert (count("payment"), len(gate.payments)) == (1, 1)


def test_a_second_tab_joins_the_payment_of_the_first(pat: Resident, gate: PlayedGateway) -> None:
    fill(pat.account, "a")
    first, second = values_of(pat), values_of(pat)
    assert first["key"] != second["key"]
    for sent in (first, second):
        pat.client.post(PATH, data=sent)
    assert len(gate.payments) == 1


def test_a_price_that_has_changed_is_shown_before_anything_is_paid(
    pat: Resident, gate: PlayedGateway, toll: Toll
) -> None:
    fill(pat.account, "a")
    sent = values_of(pat)
    toll.costs("a", 9900)
    page = pat.client.post(PATH, data=sent).get_data(as_text=True)
    assert "The price has changed since you opened this page" in page
    assert "To pay now: £99" in page
    assert gate.payments == {}


@pytest.mark.parametrize("total", ["", "-1", "1", "9" * 40, "x"], ids=["none", "below", "other", "huge", "letters"])
def test_the_sum_of_a_browser_is_never_the_price(pat: Resident, gate: PlayedGateway, total: str) -> None:
    fill(pat.account, "a")
    sent = values_of(pat) | {"total": [total]}
    assert pat.client.post(PATH, data=sent).status_code == 200
    assert gate.payments == {}


def test_what_cannot_be_paid_any_more_says_why_and_the_rest_can_be_paid(
    pat: Resident, gate: PlayedGateway, toll: Toll
) -> None:
    fill(pat.account, "a", "b")
    del toll.prices["a"]
    assert "This is not there any more. Take it out of your basket." in pat.get(PATH)
    presses_pay(pat)
    assert [each.amount for each in gate.payments.values()] == [350]


def test_a_line_is_taken_out(pat: Resident) -> None:
    fill(pat.account, "a", "b")
    pat.get(PATH)
    (first, *_) = [form.action for form in pat.client.page.forms() if form.action and form.action.endswith("/remove")]
    pat.post(first)
    assert in_basket(pat.account) == [350]


def test_nobody_takes_a_line_out_of_anothers_basket(pay_app: Flask, pat: Resident) -> None:
    fill(pat.account, "a")
    pat.get(PATH)
    (action,) = [form.action for form in pat.client.page.forms() if form.action and form.action.endswith("/remove")]
    resident(pay_app, "Robin").post(str(action))
    assert in_basket(pat.account) == [1200]


def test_while_the_gateway_is_away_the_payments_own_page_says_so_and_nothing_is_lost(
    pat: Resident, gate: PlayedGateway
) -> None:
    fill(pat.account, "a")

    def away(_act: str) -> None:
        raise Unavailable

    gate.trouble = away
    where = presses_pay(pat)
    assert where.startswith("/payments/PAY-")
    page = pat.get(where)
    for words in ("Your payment is not finished", "You were not asked for a card, and no money was taken."):
        assert words in page
    assert "Do not pay a second time" not in page
    assert str(pat.post(f"{where}/resume").location) == where
    assert "We cannot reach the payment service at the moment." in pat.get(where)
    assert in_basket(pat.account) == [1200]
    gate.trouble = lambda _act: None
    assert presses_pay(pat).startswith("https://card.example/")
    assert len(gate.payments) == 1


def test_something_else_is_paid_only_once_the_open_payment_is_finished_or_cancelled(
    pat: Resident, gate: PlayedGateway
) -> None:
    fill(pat.account, "a")
    presses_pay(pat)
    fill(pat.account, "b")
    page = pat.client.post(PATH, data=values_of(pat)).get_data(as_text=True)
    assert "You have begun to pay for something else" in page
    assert "Go on with it, or cancel it" in page
