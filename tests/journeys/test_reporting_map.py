"""The place on the map: by mouse, by keyboard, by the name of a street, and by the phone's own position."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from portal.conformance.seen import look
from tests.journeys.test_keyboard import Keys
from tests.journeys.visitor import PHONE, Visitor

HERE = {"latitude": 51.4927, "longitude": -0.2339, "accuracy": 12}
OUTSIDE = {"latitude": 51.6, "longitude": -0.22, "accuracy": 12}


def to_where(visitor: Visitor, way: str) -> None:
    """Come to the page of this way of saying where."""
    visitor.begin_report()
    visitor.choose_kind("Pothole")
    visitor.answer(way)


def the_map(page: Page) -> None:
    """Wait until the map is drawn."""
    expect(page.get_by_role("application", name="Map of our area")).to_be_visible()
    expect(page.locator(".leaflet-map-pane canvas").first).to_be_attached()


def status(visitor: Visitor, words: str | re.Pattern[str]) -> None:
    """What is read out."""
    expect(visitor.page.get_by_role("status").filter(has_text=words)).to_be_visible(timeout=15_000)


def test_a_click_puts_the_pin_and_the_street_is_named(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    ada.sign_in("Ada Example")
    to_where(ada, "On a map")
    ada.sees("Where on the map is the problem?")
    the_map(ada.page)
    ada.press("Continue")
    ada.reads("Put the pin on the map where the problem is, or enter the latitude")
    the_map(ada.page)
    ada.page.get_by_role("application").click(position={"x": 200, "y": 150})
    status(ada, re.compile("The pin is (near|set)"))
    expect(ada.page.locator(".moot-pin")).to_be_visible()
    look(ada.page)
    ada.to_photos()
    ada.press("Continue")
    ada.follow("Change where it is")
    the_map(ada.page)
    expect(ada.page.locator(".moot-pin")).to_be_visible()
    ada.press("Continue")
    ada.send()


def test_the_map_is_used_by_keyboard_alone(arrive: Callable[..., Visitor]) -> None:
    ben = arrive()
    ben.sign_in("Ben Sample")
    to_where(ben, "On a map")
    the_map(ben.page)
    keys = Keys(ben.page)
    keys.type_into("Go to a street on the map", "Larkspr Lane")
    ben.page.keyboard.press("Enter")
    status(ben, re.compile("streets may be meant"))
    keys.tab_to("Larkspur Lane, W6 0")
    ben.page.keyboard.press("Enter")
    status(ben, "The map shows Larkspur Lane, W6 0.")
    expect(ben.page.get_by_role("application")).to_be_focused()
    ben.page.keyboard.press("Enter")
    status(ben, re.compile("The pin is near Larkspur Lane"))
    for key in ("ArrowLeft", "ArrowLeft", "Minus"):
        ben.page.keyboard.press(key)
    ben.page.wait_for_timeout(600)
    ben.page.keyboard.press("Enter")
    look(ben.page)
    keys.type_into("Where exactly is the problem?", "By the tree")
    keys.press_on("Continue")
    ben.sees("Do you have photos?")
    keys.press_on("Continue")
    ben.reads("By the tree (51.")
    keys.press_on("Send the report")
    ben.sees("Report sent")


def test_the_phone_says_where_it_is(arrive: Callable[..., Visitor]) -> None:
    ada = arrive(viewport=PHONE, permissions=["geolocation"], geolocation=HERE)
    ada.sign_in("Ada Example")
    to_where(ada, "By the position of your phone")
    ada.sees("Where are you, or where is the problem?")
    ada.press("Use my position")
    status(ada, "We have found you, to within 12 metres. The pin is near Inglewick Road, W6 9.")
    ada.to_photos()


def test_a_position_outside_says_whose_it_is_at_once(arrive: Callable[..., Visitor]) -> None:
    ada = arrive(permissions=["geolocation"], geolocation=OUTSIDE)
    ada.sign_in("Ada Example")
    to_where(ada, "By the position of your phone")
    ada.press("Use my position")
    status(ada, re.compile("Northgate Borough Council looks after it"))
    ada.press("Continue")
    ada.reads("There is a problem")
    ada.reads("This place is outside our area. Northgate Borough Council looks after it")
    ada.reads("telephone 020 7946 0220")


def test_a_browser_that_does_not_tell_is_no_dead_end(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    ada.sign_in("Ada Example")
    to_where(ada, "By the position of your phone")
    ada.press("Use my position")
    status(ada, re.compile("Your browser does not tell us|could not be found"))
    ada.follow("Tell us where it is another way")
    ada.sees("How do you want to tell us where it is?")


def test_without_script_the_map_is_two_numbers(arrive: Callable[..., Visitor]) -> None:
    devi = arrive(scripted=False, viewport={"width": 320, "height": 640})
    devi.sign_in("Devi Pretend")
    to_where(devi, "On a map")
    devi.sees("Where on the map is the problem?")
    devi.reads("The map needs JavaScript")
    devi.fill("Latitude", "51,4927° N")
    devi.fill("Longitude", "0,2339 W")
    devi.to_photos()
