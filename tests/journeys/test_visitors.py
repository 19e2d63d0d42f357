"""Ada has visitors, and a phone in her hand; Gita lets a colleague act for her business."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.test_keyboard import Keys
from tests.journeys.visitor import PHONE, Visitor

VISITORS = "/services/permits/visitors"


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no script"])
def test_ada_starts_and_stops_a_visitor_on_her_phone(arrive: Callable[..., Visitor], scripted: bool) -> None:
    car = "LB68 BEN" if scripted else "AA19 MOT"
    ada = arrive(viewport=PHONE, scripted=scripted)
    ada.sign_in("Ada Example", to=VISITORS)
    ada.sees("Visitor parking")
    ada.press("Start now")
    ada.reads("Enter the car’s registration")
    ada.fill("Registration of the visitor’s car", car.lower())
    ada.page.get_by_label("For how long").select_option(label="2 hours")
    ada.press("Start now")
    ada.reads(f"{car} may park until")
    ada.sees("Visitor parking")
    ada.press(re.compile(f"1 hour longer {car}"))
    ada.reads(f"{car} may park until")
    ada.press(re.compile(f"Stop {car}"))
    ada.reads(f"{car} has stopped")
    ada.sees("Visitor parking")
    ada.follow(car)
    expect(ada.page.get_by_label("Registration of the visitor’s car")).to_have_value(car.replace(" ", ""))


def test_ada_starts_and_stops_a_visitor_by_keyboard_alone(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    keys = Keys(ada.page)
    ada.sign_in("Ada Example", to=VISITORS)
    keys.type_into("Registration of the visitor’s car", "LM67MTR")
    keys.press_on("Start now")
    ada.reads("LM67 MTR may park until")
    keys.press_on("Stop LM67 MTR")
    ada.reads("LM67 MTR has stopped")


def test_gita_lets_a_colleague_act_for_her_business(arrive: Callable[..., Visitor]) -> None:
    gita = arrive()
    gita.page.goto("/sign-in?next=/services/permits/businesses")
    gita.press(re.compile("^Sign in with "))
    gita.sign_in_at_provider("Gita")
    code = re.search(r"would show now is (\d{6})", gita.page.locator("main").inner_text())
    assert code is not None
    gita.fill("Six-digit code", code[1])
    gita.press("Continue")
    gita.sees("Business parking")
    gita.follow("Placeholder Lettings")
    gita.choose("Manager")
    gita.press("Make a code")
    gita.sees("Code for a colleague")
    invitation = gita.page.locator(".govuk-panel__body").inner_text().strip()
    assert re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", invitation)

    ben = arrive(viewport=PHONE)
    ben.sign_in("Ben Sample", to="/services/permits/businesses/join")
    ben.fill("Enter the code", invitation.lower())
    ben.press("Continue")
    ben.sees("Placeholder Lettings")
    ben.reads("AA19 EEE")

    gita.follow("Go to the page of the business")
    gita.follow(re.compile("Change Ben"))
    gita.choose("Nothing: they are no longer a member")
    gita.press("Save")
    gita.sees("Placeholder Lettings")
    assert ben.page.reload() is not None
    ben.sees(re.compile("not found|cannot find|Page not found", re.IGNORECASE))
