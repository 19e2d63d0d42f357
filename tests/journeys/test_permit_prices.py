"""What does a permit cost? Anybody finds out, by keyboard alone, without script, and on a narrow screen."""

from collections.abc import Callable
from typing import Final

import pytest

from portal.conformance.seen import OVERFLOW
from tests.journeys.test_keyboard import Keys
from tests.journeys.visitor import Visitor

PRICES: Final = "/services/permits/prices"
NARROW: Final = {"width": 320, "height": 640}
OPEN_PAGES: Final = (
    PRICES,
    f"{PRICES}/vehicle?kind=resident",
    f"{PRICES}/price?kind=resident&fuel=diesel&co2=118&euro=5&sort=car&number=2",
    f"{PRICES}/price?kind=temporary",
    f"{PRICES}/visitors",
)


def test_a_price_is_found_by_keyboard_alone(visitor: Visitor) -> None:
    keys = Keys(visitor.page)
    visitor.go(PRICES)
    keys.press_on("Continue")
    visitor.reads("Select what you want the price of")
    keys.tab_to("Select what you want the price of")
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Space")
    keys.type_into("Registration number", "AA19 AAA")
    keys.press_on("Continue")
    visitor.sees("What the price depends on")
    visitor.reads("We filled in what DVLA says of the vehicle")
    keys.press_on("See the price")
    visitor.sees("What it costs")
    visitor.reads("£295")
    keys.tab_to("How we work out £295 for 12 months")


def test_without_script_a_price_is_found_too(arrive: Callable[..., Visitor]) -> None:
    someone = arrive(scripted=False)
    someone.go(PRICES)
    someone.choose("Business parking permit")
    someone.press("Continue")
    someone.sees("What the price depends on")
    someone.choose("Van or lorry")
    someone.choose("Diesel")
    someone.fill("CO2 emissions", "210")
    someone.press("See the price")
    someone.sees("What it costs")
    someone.reads("£395")


@pytest.mark.parametrize("path", OPEN_PAGES, ids=["kind", "vehicle", "price", "temporary", "visitors"])
def test_prices_fit_a_narrow_screen(arrive: Callable[..., Visitor], path: str) -> None:
    someone = arrive(viewport=NARROW)
    someone.go(path)
    assert someone.page.evaluate(OVERFLOW) == []
