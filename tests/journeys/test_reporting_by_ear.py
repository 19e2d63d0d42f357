"""The whole report as a screen reader tells it: names, roles and states, and never the map alone."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.visitor import Visitor


def tells(visitor: Visitor, *lines: str) -> None:
    """The tree of the page's main part has these lines, in this order."""
    tree = visitor.page.locator("main").aria_snapshot()
    at = 0
    for line in lines:
        found = tree.find(line, at)
        assert found >= 0, f"{line!r} is not told, or not there:\n{tree}"
        at = found + len(line)


def test_a_report_by_ear_from_the_first_question_to_the_reference(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    ada.sign_in("Ada Example")
    ada.page.goto("/services/reporting/")
    ada.press(re.compile("^(Start now|Start another report)$"))
    tells(ada, 'heading "What is wrong?" [level=1]', 'textbox "What is wrong?"', 'button "Continue"')
    ada.press("Continue")
    tells(ada, 'heading "There is a problem" [level=2]', 'link "Tell us what is wrong"', 'textbox "What is wrong?"')
    ada.fill("What is wrong?", "The street lamp flickers all night")
    ada.press("Continue")
    tells(
        ada,
        'group "What kind of problem is it?"',
        'heading "What kind of problem is it?" [level=1]',
        'radio "Street light"',
        'radio "Roads and pavements"',
    )
    ada.answer("Street light")
    tells(ada, 'heading "About the problem" [level=1]', "group", "radio")
    ada.page.get_by_role("radio").first.check()
    ada.press("Continue")
    tells(
        ada,
        'group "How do you want to tell us where it is?"',
        'radio "By postcode and address"',
        'radio "By street and description"',
        'radio "On a map"',
        'radio "By the position of your phone"',
        'radio "Lamp column number"',
    )
    ada.answer("Lamp column number")
    tells(ada, 'heading "Lamp column number" [level=1]', 'textbox "Lamp column number"')
    ada.fill("Lamp column number", "20417")
    ada.press("Continue")
    ada.sees("Do you have photos?")
    tells(ada, 'heading "Do you have photos?" [level=1]', 'button "Photos', 'button "Continue"')
    ada.press("Continue")
    tells(
        ada,
        'heading "Check your answers" [level=1]',
        'link "Change what is wrong"',
        'link "Change what kind of problem it is"',
        "Catkin Avenue, Lamp column number 20417",
        'link "Change where it is"',
        "Everybody, without your name",
        'link "Change who may see your report"',
        'button "Send the report"',
    )
    ada.send()
    tells(ada, 'heading "Report sent" [level=1]', 'heading "What happens next" [level=2]')


def test_the_map_tells_what_it_is_and_that_it_is_not_needed(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    ada.sign_in("Ada Example")
    ada.begin_report()
    ada.choose_kind("Pothole")
    ada.answer("On a map")
    expect(ada.page.get_by_role("application")).to_be_visible()
    tells(
        ada,
        'heading "Where on the map is the problem?" [level=1]',
        'textbox "Go to a street on the map"',
        'application "Map of our area"',
        'button "Larger"',
        "status",
        'textbox "Latitude"',
        'textbox "Longitude"',
        'link "Tell us where it is another way"',
    )
    expect(ada.page.get_by_role("application")).to_have_accessible_description(re.compile("arrow keys move the map"))
    assert "Road" not in ada.page.get_by_role("application").aria_snapshot()  # its pictures are not read out


def test_a_danger_is_told_first(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    ada.sign_in("Ada Example")
    ada.begin_report("The lamp post is leaning and bare wires hang out")
    ada.answer("Street light")
    ada.sees("Ring us instead")
    tells(ada, 'heading "Ring us instead" [level=1]', "Ring us now on", 'button "Ring 020 7946 0100"')
    ada.press("Go on with the report")
    ada.sees("About the problem")


def test_fay_reports_without_an_account_on_a_narrow_telephone(arrive: Callable[..., Visitor]) -> None:
    fay = arrive(scripted=False, viewport={"width": 320, "height": 640})
    fay.go("/services/reporting/")
    fay.at("/services/reporting/guest")
    fay.press("Report without an account")
    fay.sees("What is wrong?")
    fay.fill("What is wrong?", "A hole in the road, as deep as a hand.")
    fay.press("Continue")
    fay.choose_kind("Pothole")
    fay.place_by_street()
    fay.sees("Do you have photos?")
    fay.press("Continue")
    fay.sees("What is your email address?")
    fay.fill("What is your email address?", "fay@guests.example")
    fay.press("Continue")
    fay.sees("Check your answers")
    fay.press("Confirm by email")
    fay.sees("Check your email")
    fay.reads("We have not got your report yet")
