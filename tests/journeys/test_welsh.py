"""Carys uses the portal in Welsh. What the words are is for a speaker to review; that they stay is for us."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from portal.conformance.seen import look
from tests.journeys.visitor import Visitor

WELSH_MONTH = re.compile(
    "Ionawr|Chwefror|Mawrth|Ebrill|Mai|Mehefin|Gorffennaf|Awst|Medi|Hydref|Tachwedd|Rhagfyr", re.IGNORECASE
)


def test_carys_switches_by_link_and_stays_in_welsh(arrive: Callable[..., Visitor]) -> None:
    carys = arrive()
    carys.go("/")
    _is_in(carys, "en")
    carys.follow("Cymraeg")
    _is_in(carys, "cy")
    carys.go("/help")
    _is_in(carys, "cy")

    carys.page.goto("/sign-in")
    carys.page.locator("main form button").first.click()
    expect(carys.page).to_have_url(re.compile("/id/sign-in"))
    _is_in(carys, "cy")  # the provider is asked in her language
    carys.page.get_by_role("button", name=re.compile("Carys Enghraifft")).click()
    carys.at("/home")
    _is_in(carys, "cy")

    carys.page.goto("/services/reporting/")
    _is_in(carys, "cy")
    for address in ("/profile", "/profile/contact", "/profile/address/home", "/your-data", "/activity"):
        carys.go(address)
        _is_in(carys, "cy")
    carys.go("/profile/history")
    expect(carys.page.locator("main time").first).to_have_text(WELSH_MONTH)

    carys.follow("English")
    _is_in(carys, "en")
    assert carys.path.startswith("/profile/history")
    carys.go("/home")
    _is_in(carys, "en")


def test_the_link_keeps_the_page_and_its_question(arrive: Callable[..., Visitor]) -> None:
    carys = arrive()
    carys.sign_in("Carys Enghraifft", to="/profile/address/home/choose?postcode=W6+9JU")
    carys.page.goto("/profile/address/home/choose?postcode=W6+9JU&lang=cy")
    expect(carys.page.locator("main select option")).not_to_have_count(1)
    carys.follow("English")
    expect(carys.page.locator("main select option")).not_to_have_count(1)
    carys.sees("Choose an address")


def test_a_browser_that_asks_for_welsh_gets_it(arrive: Callable[..., Visitor]) -> None:
    carys = arrive(locale="cy-GB")
    carys.go("/")
    assert carys.page.locator("html").get_attribute("lang") in ("en", "cy")
    carys.go("/nowhere")


def _is_in(visitor: Visitor, language: str) -> None:
    expect(visitor.page.locator("html")).to_have_attribute("lang", language)
    look(visitor.page)
