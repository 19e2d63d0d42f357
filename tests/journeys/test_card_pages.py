"""The card pages of the stand-in for GOV.UK Pay, by keyboard alone, with and without scripts, judged as ours are."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from portal.conformance.seen import look, watch
from tests.journeys.test_keyboard import Keys
from tests.support.pay import Till, order, till_running


@pytest.fixture(scope="module")
def till(database_url: str) -> Iterator[Till]:
    """The stand-in, alone."""
    with till_running(database_url) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, till: Till) -> Iterator[Page]:
    """A window of somebody who has been sent to pay; they come back to the panel."""
    host = f"http://{urlsplit(till.url).netloc}"
    context = browser.new_context(java_script_enabled=request.param)
    watch(context, host, scripted=request.param)
    opened = context.new_page()
    opened.goto(till.gateway().create(order(return_url=f"{till.url}/")).next_url)
    look(opened)
    yield opened
    context.close()


def test_somebody_pays_after_a_mistake(page: Page) -> None:
    keys = Keys(page)
    keys.type_into("Card number", "4242")
    keys.press_on("Continue")
    assert page.title() == "Error: Enter card details"
    keys.tab_to("Enter a card number, such as")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "card_number", "the sentence leads to its field"
    page.keyboard.press("Control+A")
    page.keyboard.type("4242 4242 4242 4242")
    for label, words in (("Month", "3"), ("Year", "2099"), ("Name on card", "A Payer"), ("Card security code", "123")):
        keys.type_into(label, words)
    keys.press_on("Continue")
    assert page.title() == "Confirm your payment"
    keys.press_on("Confirm payment")
    assert page.title() == "Stand-in for GOV.UK Pay", "back where the service wants them"


def test_somebody_changes_their_mind(page: Page) -> None:
    keys = Keys(page)
    keys.press_on("Cancel payment")
    assert page.title() == "Your payment has been cancelled"
    keys.press_on("Continue")
    assert page.title() == "Stand-in for GOV.UK Pay"
