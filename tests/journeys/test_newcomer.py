"""Fern has just moved in. She sees everything for the first time."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.running import Demo
from tests.journeys.visitor import POSTCODE, Visitor, photo_file


def test_fern_signs_in_tells_who_she_is_and_reports_a_pothole(visitor: Visitor, demo: Demo, tmp_path: Path) -> None:
    fern = visitor
    _arrives(fern)
    _tells_who_she_is(fern)
    reference = _reports_a_pothole(fern, photo_file(tmp_path))
    _follows_it(fern, reference)
    _finds_it_again(fern, reference)
    _leaves(fern)


def _arrives(fern: Visitor) -> None:
    fern.go("/")
    fern.sees("One account for your council")
    fern.press("Sign in or create an account")
    fern.sees("Sign in to your council account")
    fern.press("Sign in as Fern Newcomer")
    fern.sees("Your services")
    fern.at("/home")
    fern.reads("Hello Fern.")


def _tells_who_she_is(fern: Visitor) -> None:
    fern.follow("Your details", within=".moot-nav")
    fern.sees("Your details")
    fern.follow("Change your name")
    fern.sees("What is your name?")
    fern.fill("First names", "Fern Olive")
    fern.fill("What should we call you?", "Olive")
    fern.press("Save")
    fern.sees("Your details")
    fern.reads("Your name has been changed")
    expect(fern.page.locator(".govuk-notification-banner")).to_be_focused()

    fern.follow("Add your telephone number")
    fern.sees("What is your telephone number?")
    fern.fill("What is your telephone number?", "020 7946 0018")
    fern.press("Save")
    fern.reads("020 7946 0018")

    fern.follow("Add your home address")
    fern.sees("What is your home address?")
    fern.fill("Postcode", POSTCODE.lower().replace(" ", ""))
    fern.press("Find address")
    fern.sees("Choose an address")
    fern.reads(POSTCODE)
    fern.page.get_by_label("Addresses").select_option(index=1)
    fern.press("Continue")
    fern.sees("Is this the right address?")
    fern.press("Use this address")
    fern.sees("Your details")
    fern.reads("Your home address has been changed")
    fern.follow("See what happened on your record")
    fern.sees("What happened on your record")
    fern.follow("Home", within=".moot-nav")
    fern.reads("Hello Olive.")


def _reports_a_pothole(fern: Visitor, photo: Path) -> str:
    fern.go("/services/reporting/")
    fern.press("Start now")
    fern.sees("What is wrong?")
    fern.fill("What is wrong?", "A hole in the road.\nIt is as deep as a hand.")
    fern.press("Continue")
    fern.sees("What kind of problem is it?")
    fern.answer("Pothole")
    fern.sees("About the problem")
    fern.press("Continue")
    fern.sees("How do you want to tell us where it is?")
    fern.answer("By postcode and address")
    fern.sees("What is the postcode nearest to the problem?")
    fern.fill("What is the postcode nearest to the problem?", POSTCODE)
    fern.press("Continue")
    fern.sees("Which address is nearest to the problem?")
    fern.page.get_by_label("Which address is nearest to the problem?").select_option(index=2)
    fern.press("Continue")
    fern.sees("Do you have photos?")
    fern.page.get_by_label("Photos").set_input_files(photo)
    fern.press("Continue")
    fern.sees("Check your answers")

    fern.follow("Change what is wrong")
    fern.sees("What is wrong?")
    expect(fern.page.get_by_label("What is wrong?")).to_have_value("A hole in the road.\nIt is as deep as a hand.")
    fern.fill("What is wrong?", "A hole in the road.\nIt is as deep as two hands.")
    fern.press("Continue")
    fern.sees("Check your answers")
    fern.reads("as deep as two hands")

    reference = fern.send()
    expect(fern.page.locator(".govuk-panel")).to_contain_text(reference)
    fern.page.reload()
    fern.sees("Report sent")
    return reference


def _follows_it(fern: Visitor, reference: str) -> None:
    fern.follow("Follow your report")
    fern.sees(f"Pothole {reference}")
    fern.eventually("Passed to the team: Highways")
    for _ in range(20):
        picture = fern.page.get_by_role("img", name="The photo that you added")
        if picture.count():
            break
        fern.page.wait_for_timeout(500)
        fern.page.reload()
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("picture => picture.naturalWidth") > 100
    fern.sees(f"Pothole {reference}")


def _finds_it_again(fern: Visitor, reference: str) -> None:
    fern.follow("Back")
    fern.sees("Your cases")
    fern.reads(reference)
    fern.follow("Home", within=".moot-nav")
    fern.sees("Your services")
    fern.reads("Pothole")
    fern.reads(reference)
    fern.follow("See all activity")
    fern.sees("Your activity")
    fern.reads(reference)


def _leaves(fern: Visitor) -> None:
    fern.press("Sign out")
    fern.sees("You are signed out")
    fern.go("/home")
    fern.sees("Sign in")
    fern.press(re.compile("^Sign in with "))
    fern.sees("Sign in to your council account")  # the provider has forgotten her too
    fern.go("/id/signed-in")
    fern.sees("Sign in to your council account")


def test_a_phone_serves_as_well(arrive: Callable[..., Visitor]) -> None:
    from tests.journeys.visitor import PHONE

    fern = arrive(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    fern.go("/")
    fern.sign_in("Ben Sample")
    fern.sees("Your services")
    fern.go("/profile")
    fern.report_to_check(kind="Graffiti")
    fern.send()
