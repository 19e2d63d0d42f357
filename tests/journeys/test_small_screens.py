"""At 400 % zoom, on a telephone, with less motion and with the reader's own colours."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from portal.conformance.seen import OVERFLOW, look
from tests.journeys.visitor import PHONE, Visitor

ZOOMED = {"width": 320, "height": 256}
PAGES = (
    "/home",
    "/profile",
    "/profile/contact",
    "/activity",
    "/your-data",
    "/services/reporting/",
    "/help",
    "/cookies",
)


@pytest.mark.parametrize("viewport", [ZOOMED, PHONE], ids=["400 percent", "telephone"])
def test_the_main_pages_are_usable(arrive: Callable[..., Visitor], viewport: Any) -> None:
    edwin = arrive(viewport=viewport)
    edwin.go("/")
    edwin.go("/sign-in")
    edwin.sign_in("Edwin Specimen")
    for path in PAGES:
        edwin.go(path)
        assert edwin.page.evaluate(OVERFLOW) == []
    edwin.go("/profile/phone")
    button = edwin.button("Save")
    button.scroll_into_view_if_needed()
    expect(button).to_be_in_viewport(ratio=1)
    field = edwin.page.get_by_label("What is your telephone number?")
    field.focus()
    expect(field).to_be_in_viewport(ratio=1)
    edwin.page.get_by_role("link", name="Home").first.click()
    edwin.sees("Your services")


@pytest.mark.parametrize(
    "wish",
    [{"reduced_motion": "reduce"}, {"forced_colors": "active"}, {"color_scheme": "dark"}, {"contrast": "more"}],
    ids=lambda wish: next(iter(wish)),
)
def test_the_readers_own_settings_break_nothing(arrive: Callable[..., Visitor], wish: Any) -> None:
    edwin = arrive(viewport=PHONE, **wish)
    edwin.go("/")
    edwin.sign_in("Edwin Specimen")
    edwin.sees("Your services")
    edwin.go("/services/reporting/")
    edwin.begin_report()
    edwin.press("Continue")
    look(edwin.page)
    if "reduced_motion" in wish:
        moving = edwin.page.evaluate(
            "() => [...document.querySelectorAll('*')].filter((each) =>"
            " parseFloat(getComputedStyle(each).transitionDuration) > 0.01"
            " || parseFloat(getComputedStyle(each).animationDuration) > 0.01).map((each) => each.className)"
        )
        assert moving == []
    if "forced_colors" in wish:
        edwin.page.get_by_role("radio").first.focus()
        edwin.choose("Pothole")
        button = edwin.button("Continue")
        assert (
            button.evaluate("each => getComputedStyle(each).borderStyle") != "none"
            or button.evaluate("each => getComputedStyle(each).outlineStyle") != "none"
        )
