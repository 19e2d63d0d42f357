"""Ada applies for a permit by keyboard alone, pays, and has it; and what changes about one later, without script."""

import re
from collections.abc import Callable
from typing import Final

from playwright.sync_api import expect

from portal.conformance.seen import OVERFLOW
from tests.journeys.test_keyboard import Keys
from tests.journeys.test_payments import CARD
from tests.journeys.test_permit_papers import pays
from tests.journeys.visitor import POSTCODE, Visitor
from tests.support.pay import GOOD_CARD

PERMITS: Final = "/services/permits/"
NARROW: Final = {"width": 320, "height": 640}


def test_ada_applies_pays_and_has_a_permit_by_keyboard_alone(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    keys = Keys(ada.page)
    ada.sign_in("Ada Example", to=PERMITS)
    keys.press_on("Start now")
    ada.sees("What is the permit for?")
    keys.press_on("Continue")
    ada.reads("Select what the permit is for")
    choose(keys, "For my own car, at home")
    keys.type_into("What is the postcode", POSTCODE.lower())
    keys.press_on("Continue")
    keys.tab_to("Which is the address?")
    ada.page.keyboard.press("ArrowDown")
    keys.press_on("Continue")
    keys.type_into("What is the registration number", "la21ada")
    keys.press_on("Continue")
    ada.sees("Is this the vehicle?")
    ada.reads("Volkswagen")
    choose(keys, "Yes")
    choose(keys, "Mine")
    ada.sees("Is any of this true?")
    keys.press_on("Continue")
    ada.sees("From which day do you need the permit?")
    keys.press_on("Continue")
    ada.sees("For how long do you want the permit?")
    choose(keys, "3 months")
    ada.sees("Check your answers")
    keys.press_on("Change whose vehicle it is")
    keys.press_on("Continue")
    ada.sees("Check your answers")
    ada.reads("You can have it.")
    keys.press_on("Continue to payment")
    ada.sees("Your basket")
    keys.press_on("Pay by card")
    for label, words in (("Card number", GOOD_CARD), *CARD):
        keys.type_into(label, words)
    keys.press_on("Continue")
    keys.press_on("Confirm payment")
    ada.sees("You have paid")

    ada.go(PERMITS)
    keys.press_on("Resident parking permit LA21 ADA")
    ada.reads("It is valid today.")
    expect(ada.page.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    keys.tab_to("Download this permit (PDF)")
    with ada.page.expect_download() as saved:
        ada.page.keyboard.press("Enter")
    assert saved.value.suggested_filename.startswith("parking-permit-")

    keys.press_on("Use a courtesy car for some days")
    keys.type_into("Registration number of the courtesy car", "AA19AMP")
    keys.press_on("Let this car park")
    ada.reads("AA19 AMP may park with this permit.")
    keys.press_on("My own car is back AA19 AMP")
    ada.reads("Your own car has the permit again.")
    keys.press_on("Back")
    keys.press_on("End this permit")
    ada.reads("You get back")
    keys.tab_to("End this permit today")
    ada.page.keyboard.press("Space")
    keys.press_on("End this permit")
    ada.reads("Your permit has ended.")
    ada.reads("Ended early")


def test_a_permit_is_changed_and_renewed_on_a_narrow_phone_without_script(arrive: Callable[..., Visitor]) -> None:
    ada = arrive(scripted=False, viewport=NARROW)
    ada.sign_in("Ada Example", to=PERMITS)
    ada.follow("Resident parking permit AA19 PPP")
    ada.sees("Resident parking permit AA19 PPP")
    assert ada.page.evaluate(OVERFLOW) == []
    ada.press("Renew this permit")
    ada.sees("Renew this permit")
    expect(ada.button("Renew for 12 months")).to_be_visible()
    ada.follow("Back")
    ada.follow("Change the vehicle")
    ada.press("Start now")
    ada.fill("What is the registration number", "AA00 AAA")
    ada.press("Continue")
    ada.reads("There is no such registration number.")
    ada.fill("What is the registration number", "LC22 HYB")
    ada.press("Continue")
    ada.sees("Is this the vehicle?")
    ada.answer("Yes")
    ada.answer("Mine")
    ada.sees("Check your answers")
    assert ada.page.evaluate(OVERFLOW) == []
    ada.go(PERMITS)
    ada.follow("Go on: Change of vehicle")
    ada.sees("Check your answers")
    ada.follow("Delete this application")
    ada.press("Delete it")
    ada.reads("Your unfinished application has been deleted.")
    ada.follow("Resident parking permit AA19 PPP")
    ada.press("Renew this permit")
    ada.press("Renew for 12 months")
    pays(ada)
    ada.go(PERMITS)
    expect(ada.page.get_by_role("link", name="Resident parking permit AA19 PPP")).to_have_count(2)


def choose(keys: Keys, name: str) -> None:
    """Select the first of some radios and go on."""
    keys.tab_to(name)
    keys.page.keyboard.press("Space")
    keys.press_on("Continue")
