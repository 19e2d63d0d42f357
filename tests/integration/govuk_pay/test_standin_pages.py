"""Somebody pays on the stand-in's pages as on GOV.UK Pay's."""

from datetime import UTC, datetime

import pytest
import requests

from portal.conformance.pages import Page, faults
from portal.payments.govuk_pay import GovukPay
from tests.support.pay import BROKEN_CARD, DECLINED_CARD, Payer, Till, order

EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
RETURN = "http://localhost/payments/back/secret"


@pytest.fixture
def payer(pay: GovukPay) -> Payer:
    """Somebody who was sent to the card page."""
    someone = Payer()
    assert someone.follow(pay.create(order()).next_url) == "Enter card details"
    return someone


def state(pay: GovukPay) -> tuple[str, str]:
    """Of the only payment."""
    (row,) = pay.payments_between(*EVER).items
    return row.state, row.code


def test_somebody_pays(pay: GovukPay, payer: Payer) -> None:
    assert state(pay) == ("started", "")
    assert "£48" in payer.page.text
    assert payer.type_card() == "Confirm your payment"
    assert state(pay) == ("submitted", "")
    assert "Visa that ends in 4242" in payer.page.text
    assert payer.press(1) == RETURN
    assert state(pay) == ("success", "")
    assert payer.follow(payer.page.url) == RETURN, "who comes back is led on"


def test_every_page_says_that_it_is_a_stand_in(payer: Payer) -> None:
    assert "stands in for GOV.UK Pay" in payer.page.text
    payer.type_card()
    assert "stands in for GOV.UK Pay" in payer.page.text
    payer.press(2)
    assert "stands in for GOV.UK Pay" in payer.page.text


def test_the_pages_are_in_the_language_that_was_asked_for(pay: GovukPay, payer: Payer) -> None:
    other = Payer()
    other.follow(pay.create(order(language="cy")).next_url)
    assert ['<html lang="en">' in payer.page.text, '<html lang="cy">' in other.page.text] == [True, True]


def test_what_the_caller_knows_of_the_payer_is_filled_in(till: Till) -> None:
    known = {"cardholder_name": "J. Bogs", "billing_address": {"line1": "1 High Street", "country": "GB"}}
    asked = {"amount": 4800, "reference": "PAY-1", "description": "Permit", "return_url": RETURN}
    made = till.call("POST", "/payments", json=asked | {"prefilled_cardholder_details": known}).json()
    assert made["card_details"] == known
    payer = Payer()
    payer.follow(made["_links"]["next_url"]["href"])
    assert 'value="J. Bogs"' in payer.page.text
    payer.type_card()
    said = till.call("GET", f"/payments/{made['payment_id']}").json()["card_details"]
    assert (said["cardholder_name"], said["billing_address"]) == ("A Payer", known["billing_address"])


@pytest.mark.parametrize(
    ("card", "heading", "ends"),
    [
        (DECLINED_CARD, "Your payment has been declined", ("failed", "P0010")),
        ("4000 0000 0000 0069", "Your payment has been declined", ("failed", "P0010")),
        ("4000-0000-0000-0127", "Your payment has been declined", ("failed", "P0010")),
        (BROKEN_CARD, "We’re experiencing technical problems", ("error", "P0050")),
    ],
    ids=["declined", "expired", "bad code", "error"],
)
def test_a_card_that_does_not_pay_ends_the_payment(
    pay: GovukPay, payer: Payer, card: str, heading: str, ends: tuple[str, str]
) -> None:
    assert payer.type_card(card) == heading
    assert state(pay) == ends
    assert f'href="{RETURN}"' in payer.page.text


def test_somebody_changes_their_mind(pay: GovukPay, payer: Payer) -> None:
    assert payer.press(2) == "Your payment has been cancelled"
    assert state(pay) == ("failed", "P0030")


def test_somebody_changes_their_mind_at_the_last_moment(pay: GovukPay, payer: Payer) -> None:
    payer.type_card()
    assert payer.press(2) == "Your payment has been cancelled"
    assert state(pay) == ("failed", "P0030")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"card_number": "4242"}, "Enter a card number, such as"),
        ({"card_number": "4929000000006"}, "Enter one of the test card numbers"),
        ({"expiry_month": "13"}, "Enter an expiry date, such as"),
        ({"expiry_year": "1"}, "Enter an expiry date, such as"),
        ({"expiry_year": "2020"}, "Enter an expiry date that is not in the past"),
        ({"cardholder_name": " "}, "Enter the name on the card"),
        ({"cvc": "12"}, "Enter the security code"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_said(pay: GovukPay, payer: Payer, wrong: dict[str, str], sentence: str) -> None:
    number = wrong.pop("card_number", "4242424242424242")
    assert payer.type_card(number, **wrong) in ("Enter card details", "There is a problem")
    assert payer.page.text.count(sentence) == 2, "once above, once beside the field"
    assert "A Payer" in payer.page.text or "cardholder_name" in wrong
    assert "<title>Error: " in payer.page.text
    assert state(pay) == ("started", "")
    payer.type_card()
    assert payer.press(1) == RETURN


def test_the_way_to_the_card_page_can_be_gone_once(till: Till, pay: GovukPay) -> None:
    made = pay.create(order())
    assert requests.head(made.next_url, timeout=5).status_code == 200, "a scanner of links looks"
    assert Payer().follow(made.next_url) == "Enter card details"
    assert Payer().follow(made.next_url) == "410 Gone"
    again = pay.get(made.id).next_url
    assert again != made.next_url
    assert Payer().follow(again) == "Enter card details"
    assert Payer().follow(f"{till.url}/secure/{'0' * 40}") == "410 Gone"


def test_a_service_may_lead_there_by_a_form(till: Till) -> None:
    made = till.call("POST", "/payments", json=_asked()).json()
    link = made["_links"]["next_url_post"]
    payer = Payer()
    payer.page = payer.web.post(link["href"], link["params"], timeout=5)
    assert "Enter card details" in payer.page.text


def test_the_pages_are_for_the_browser_that_came_by_the_address(till: Till, pay: GovukPay, payer: Payer) -> None:
    other = Payer()
    other.follow(pay.create(order()).next_url)
    assert other.follow(payer.page.url) == "404 Not Found"
    assert requests.post(payer.page.url, {"card_number": "1"}, timeout=5).status_code == 404


def test_a_form_of_another_site_is_refused(payer: Payer) -> None:
    payer.web.headers["Sec-Fetch-Site"] = "cross-site"
    assert payer.web.post(payer.page.url, {}, timeout=5).status_code == 403


def test_two_presses_pay_once(till: Till, pay: GovukPay, payer: Payer) -> None:
    payer.type_card()
    page = payer.page
    payer.press(1)
    payer.page = page
    assert payer.press(1) == RETURN
    assert till.sums()["paid"] == 1
    assert till.webhooks() == ["card_payment_succeeded", "card_payment_captured"]


def test_who_takes_too_long_is_told(till: Till, pay: GovukPay, payer: Payer) -> None:
    (row,) = pay.payments_between(*EVER).items
    till.befall(row.id, "expired")
    assert payer.type_card() == "Your payment session has expired"
    assert state(pay) == ("failed", "P0020")


def test_a_declined_card_may_be_charged_all_the_same(till: Till, pay: GovukPay, payer: Payer) -> None:
    till.behave(late_success=True, seconds=0)
    assert payer.type_card(DECLINED_CARD) in ("Your payment has been declined", RETURN)
    assert state(pay) == ("success", "")
    assert till.webhooks() == ["card_payment_failed", "card_payment_succeeded", "card_payment_captured"]


def test_the_pages_are_whole(till: Till, payer: Payer) -> None:
    seen = [payer.page.text]
    payer.type_card("1")
    seen.append(payer.page.text)
    payer.type_card()
    seen += [payer.page.text, requests.get(f"{till.url}/", timeout=5).text]
    # Their forms bear no token of the portal's: a cookie of their own says who sends them.
    assert [[fault for fault in faults(Page(html)) if not fault.endswith("has no token")] for html in seen] == [[]] * 4


def test_the_panel_says_how_it_behaves_and_changes_it(till: Till, pay: GovukPay) -> None:
    made = pay.create(order())
    chosen = {"webhooks": "twice", "refunds": "error", "seconds": "3", "expiry_minutes": "5"}
    answer = requests.post(f"{till.url}/", chosen, timeout=5)
    assert 'value="twice" checked' in answer.text
    assert made.reference in answer.text
    assert requests.post(f"{till.url}/", {"webhooks": "loud"}, timeout=5).status_code == 422
    fate = {"id": made.id, "fate": "expired"}
    assert "failed P0020" in requests.post(f"{till.url}/fates", fate, timeout=5).text
    assert requests.post(f"{till.url}/fates", fate | {"fate": "luck"}, timeout=5).status_code == 422
    strange = {"Sec-Fetch-Site": "cross-site"}
    assert requests.post(f"{till.url}/fates", fate, headers=strange, timeout=5).status_code == 403
    late = {"id": made.id, "fate": "success"}
    requests.post(f"{till.url}/fates", late, timeout=5)
    assert pay.get(made.id).is_paid, "a success may come after a failure"


def test_programs_tell_it_in_json_alone(till: Till) -> None:
    assert requests.put(f"{till.url}/control", "webhooks=late", timeout=5).status_code == 415
    answer = requests.put(f"{till.url}/control", json={"webhooks": "loud", "other": 1}, timeout=5)
    assert (answer.status_code, answer.json()) == (400, {"wrong": ["other", "webhooks"]})
    assert requests.put(f"{till.url}/control/payments/nobody", json={"fate": "success"}, timeout=5).status_code == 400
    assert requests.put(f"{till.url}/control/payments/nobody", data="fate=success", timeout=5).status_code == 400


def _asked() -> dict[str, object]:
    return {"amount": 100, "reference": "PAY-1", "description": "A permit", "return_url": RETURN}
