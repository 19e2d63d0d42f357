"""Council tax paid by card in the demo: by keyboard alone, without script, at 320 px, and when it goes wrong."""

import re
from collections.abc import Callable
from typing import Final

from playwright.sync_api import expect

from portal.conformance.seen import OVERFLOW, look
from tests.journeys.test_keyboard import Keys
from tests.journeys.visitor import Visitor
from tests.support.pay import DECLINED_CARD, GOOD_CARD

PAY: Final = "/services/council_tax/accounts/71000303/pay"
BASKET: Final = "/payments/basket"
NARROW: Final = {"width": 320, "height": 640}
CARD: Final = (("Month", "3"), ("Year", "2099"), ("Name on card", "A Payer"), ("Card security code", "123"))


def test_edwin_pays_his_council_tax_by_keyboard_alone_and_keeps_the_receipt(arrive: Callable[..., Visitor]) -> None:
    edwin = arrive()
    keys = Keys(edwin.page)
    edwin.sign_in("Edwin", to=PAY)
    fill_amount(edwin, "12.34")
    keys.press_on("Continue")
    edwin.sees("Your basket")
    edwin.reads("To pay now: £12.34")
    keys.press_on("Pay by card")
    for label, words in (("Card number", GOOD_CARD), *CARD):
        keys.type_into(label, words)
    keys.press_on("Continue")
    keys.press_on("Confirm payment")
    edwin.sees("You have paid")
    edwin.reads("£12.34")
    reference = edwin.path.rpartition("/")[2]
    keys.tab_to("Save your receipt (PDF)")
    with edwin.page.expect_download() as saved:
        edwin.page.keyboard.press("Enter")
    assert saved.value.suggested_filename == f"Receipt-{reference}.pdf"
    edwin.go("/payments")
    edwin.reads(reference)


def test_without_script_a_refused_card_is_explained_and_another_one_pays(arrive: Callable[..., Visitor]) -> None:
    edwin = arrive(scripted=False, viewport=NARROW)
    edwin.sign_in("Edwin", to=PAY)
    fill_amount(edwin, "5")
    edwin.press("Continue")
    assert edwin.page.evaluate(OVERFLOW) == []
    edwin.press("Pay by card")
    type_card(edwin, DECLINED_CARD)
    edwin.press("Continue")
    edwin.page.get_by_role("link", name=re.compile("Go back|Continue|Return")).first.click()
    edwin.sees("Your payment did not go through")
    edwin.reads("Your bank did not accept the card")
    assert edwin.page.evaluate(OVERFLOW) == []
    edwin.page.get_by_role("button", name="Go to your basket").click()
    edwin.press("Pay by card")
    type_card(edwin, GOOD_CARD)
    edwin.press("Continue")
    edwin.press("Confirm payment")
    edwin.sees("You have paid")
    assert edwin.page.evaluate(OVERFLOW) == []


def test_who_changes_their_mind_finds_everything_still_in_the_basket(arrive: Callable[..., Visitor]) -> None:
    edwin = arrive()
    edwin.sign_in("Edwin", to=PAY)
    fill_amount(edwin, "7")
    edwin.press("Continue")
    edwin.press("Pay by card")
    edwin.press("Cancel payment")
    edwin.page.get_by_role("link", name=re.compile("Go back|Continue|Return")).first.click()
    edwin.sees(re.compile("Your payment was cancelled"))
    edwin.page.get_by_role("button", name="Go to your basket").click()
    edwin.reads("To pay now: £7")
    edwin.press(re.compile("Take out of the basket"))
    edwin.reads("There is nothing in your basket.")


def test_somebody_who_goes_back_from_the_card_page_goes_on_with_the_same_payment(
    arrive: Callable[..., Visitor],
) -> None:
    edwin = arrive()
    edwin.sign_in("Edwin", to=PAY)
    fill_amount(edwin, "8")
    edwin.press("Continue")
    edwin.press("Pay by card")
    edwin.go(BASKET)
    edwin.reads("You have begun a payment of £8")
    edwin.press("Pay by card")
    expect(edwin.page).to_have_title("Enter card details")
    edwin.go(BASKET)
    edwin.follow("Go on with it, or cancel it")
    edwin.sees("Your payment is not finished")
    edwin.press("Cancel this payment")
    edwin.sees("Your payment was cancelled")


def fill_amount(who: Visitor, pounds: str) -> None:
    """In the place of what is due."""
    who.fill("How much do you want to pay?", pounds)


def type_card(who: Visitor, number: str) -> None:
    """The card page, all of it."""
    for label, words in (("Card number", number), *CARD):
        who.page.get_by_label(label).first.fill(words)
    look(who.page)
