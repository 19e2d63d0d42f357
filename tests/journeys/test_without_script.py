"""Devi's telephone is old and runs no script. Nothing may depend on it."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.visitor import PHONE, Visitor, photo_file


def test_devi_reports_by_street_without_script(arrive: Callable[..., Visitor], tmp_path: Path) -> None:
    devi = arrive(scripted=False, viewport=PHONE)
    devi.go("/")
    devi.sign_in("Devi Pretend")
    devi.sees("Your services")
    devi.begin_report("The light burns all day.")
    devi.press("Continue")
    devi.sees("What kind of problem is it?")
    devi.reads("There is a problem")
    devi.follow("Select what kind of problem it is")
    devi.choose_kind("Street light")
    devi.place_by_street("Wharf Road", "At the bend")
    devi.sees("Do you have photos?")
    devi.page.get_by_label("Photos").set_input_files(photo_file(tmp_path))
    devi.press("Continue")
    devi.sees("Check your answers")
    devi.follow("Change where it is")
    devi.sees("Which street or place is it?")
    expect(devi.page.get_by_label("Street, park or place")).to_have_value("Wharf Road")
    devi.fill("Street, park or place", "Wharf Lane")
    devi.press("Continue")
    devi.reads("We know no street or park of this name here")
    devi.press("Continue")
    devi.sees("Check your answers")
    devi.reads("Wharf Lane: At the bend")
    reference = devi.send()
    devi.follow("Follow your report")
    devi.sees(f"Street light {reference}")
    devi.go("/profile/date-of-birth")
    devi.page.locator("[name='date_of_birth-month']").fill("13")
    devi.press("Save")
    devi.sees("What is your date of birth?")
    devi.reads("Date of birth must be a real date")
    devi.press("Sign out")
    devi.sees("You are signed out")
