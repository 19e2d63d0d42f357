"""What everybody sees of reports, in a browser: list and map, at every width, by keyboard, without script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from portal.conformance.seen import OVERFLOW
from tests.journeys.visitor import PHONE, Visitor

PROBLEMS = "/services/reporting/problems"
SMALL = {"width": 320, "height": 568}
REFERENCE = re.compile(r"/problems/[2-9A-Z]{4}-[2-9A-Z]{4}$")


@pytest.mark.parametrize("viewport", [SMALL, PHONE], ids=["320 pixels", "telephone"])
def test_list_report_and_map_are_usable_by_somebody_who_is_not_signed_in(
    arrive: Callable[..., Visitor], viewport: Any
) -> None:
    anybody = arrive(viewport=viewport)
    anybody.go(PROBLEMS)
    anybody.sees("Reported problems")
    assert anybody.page.evaluate(OVERFLOW) == []
    anybody.page.locator(".moot-cases__item a").first.click()
    expect(anybody.page).to_have_url(REFERENCE)
    anybody.reads("What happened")
    assert anybody.page.evaluate(OVERFLOW) == []
    anybody.go(f"{PROBLEMS}/map")
    expect(anybody.page.locator(".moot-spot-icon").first).to_be_visible()
    assert anybody.page.evaluate(OVERFLOW) == []
    for path in (f"{PROBLEMS}/near", "/services/reporting/alerts/new"):
        anybody.go(path)
        assert anybody.page.evaluate(OVERFLOW) == []


def test_what_the_map_marks_is_a_list_of_links_too(arrive: Callable[..., Visitor]) -> None:
    anybody = arrive()
    anybody.go(f"{PROBLEMS}/map")
    expect(anybody.page.get_by_role("status").filter(has_text="reports in this part of the map")).to_be_visible()
    tree = anybody.page.locator("#reports-here").aria_snapshot()
    assert "In this part of the map" in tree
    assert tree.count("- link") >= 1
    assert "button" not in anybody.page.locator(".leaflet-map-pane").aria_snapshot()


def test_the_keyboard_moves_and_enlarges_the_map(arrive: Callable[..., Visitor]) -> None:
    anybody = arrive()
    anybody.go(f"{PROBLEMS}/map")
    status = anybody.page.get_by_role("status").filter(has_text="this part of the map")
    expect(status).to_be_visible()
    before = status.text_content()
    anybody.page.locator(".leaflet-container").focus()
    for _each in range(4):
        anybody.page.keyboard.press("+")
    expect(status).not_to_have_text(str(before))


def test_without_script_the_map_leads_to_the_list(arrive: Callable[..., Visitor]) -> None:
    anybody = arrive(scripted=False)
    anybody.go(f"{PROBLEMS}/map?category=pothole")
    anybody.reads("The map needs JavaScript")
    anybody.follow("Show the list")
    anybody.at(f"{PROBLEMS}?category=pothole")
    anybody.page.get_by_label("Which").select_option("closed")
    anybody.press("Show")
    anybody.sees("Reported problems")
