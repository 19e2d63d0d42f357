"""Ben has broken his mouse hand: Tab, Shift+Tab, Space, arrows and Enter are all he has."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.conformance.seen import look
from tests.journeys.visitor import Visitor

FOCUS_SHOWS = """() => {
  const focused = document.activeElement;
  const isChoice = focused.matches(".govuk-radios__input, .govuk-checkboxes__input");
  const target = isChoice ? focused.nextElementSibling : focused;
  const looks = [getComputedStyle(target), getComputedStyle(target, "::before")];
  return looks.some((each) => (each.outlineStyle !== "none" && parseFloat(each.outlineWidth) >= 2)
    || each.boxShadow !== "none");
}"""
NAME = """() => {
  const element = document.activeElement;
  const labels = element.labels ? [...element.labels].map((each) => each.textContent).join(" ") : "";
  return (labels || element.textContent || element.value || "").replace(/\\s+/g, " ").trim();
}"""


class Keys:
    """A keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, name: str, *, most: int = 60) -> None:
        """Press Tab until the thing with these words has the focus, and see that it shows."""
        passed = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            passed.append(self.focused())
            if passed[-1].startswith(name):
                assert self.page.evaluate(FOCUS_SHOWS), f"the focus on {name!r} cannot be seen"
                return
        pytest.fail(f"Tab never came to {name!r}, only to {passed}")

    def focused(self) -> str:
        """The words of what has the focus."""
        found: str = self.page.evaluate(NAME)
        return found

    def press_on(self, name: str) -> None:
        """Tab to it and press Enter."""
        self.tab_to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        look(self.page)

    def type_into(self, label: str, words: str) -> None:
        """Tab to the field and type."""
        self.tab_to(label)
        self.page.keyboard.type(words)


def test_ben_signs_in_and_reports_by_keyboard_alone(arrive: Callable[..., Visitor]) -> None:
    ben = arrive()
    keys = Keys(ben.page)
    ben.go("/")
    keys.press_on("Sign in or create an account")
    keys.press_on("Sign in as Ben Sample")
    ben.sees("Your services")

    keys.tab_to("Skip to main content", most=1)
    expect(ben.page.locator(".govuk-skip-link")).to_be_in_viewport()
    ben.page.keyboard.press("Enter")
    expect(ben.page.locator("#main-content")).to_be_focused()
    ben.page.keyboard.press("Tab")
    assert ben.page.evaluate("() => document.querySelector('main').contains(document.activeElement)")

    ben.go("/services/reporting/")
    keys.press_on("Start")
    ben.sees("What is wrong?")
    keys.type_into("What is wrong?", "A deep hole in the road")
    keys.press_on("Continue")
    ben.sees("What kind of problem is it?")
    keys.press_on("Continue")
    _goes_from_the_error_to_the_field(ben, keys, "Select what kind of problem it is", "kind")
    ben.page.keyboard.press("Space")
    assert keys.focused().startswith("Pothole")
    expect(ben.page.get_by_role("radio", name="Pothole", exact=True)).to_be_checked()
    keys.press_on("Continue")
    ben.sees("About the problem")
    keys.press_on("Continue")

    keys.tab_to("By postcode and address")
    ben.page.keyboard.press("ArrowDown")
    assert keys.focused().startswith("By street and description")
    keys.press_on("Continue")
    ben.sees("Which street or place is it?")
    keys.type_into("Street, park or place", "Mill Lane")
    keys.press_on("Continue")
    _goes_from_the_error_to_the_field(ben, keys, "Tell us where in the street or place the problem is", "whereabouts")
    ben.page.keyboard.type("By the gate")
    keys.press_on("Continue")
    ben.sees("Which street do you mean?")
    keys.tab_to("Mill")
    ben.page.keyboard.press("ArrowUp")
    assert keys.focused().startswith("None of these")
    keys.press_on("Continue")
    ben.sees("Do you have photos?")
    keys.press_on("Continue")
    ben.sees("Check your answers")
    keys.press_on("Change where it is")
    keys.press_on("Continue")
    ben.sees("Check your answers")
    keys.press_on("Send the report")
    ben.sees("Report sent")
    keys.press_on("Sign out")
    ben.sees("You are signed out")


def test_each_error_leads_to_its_part_of_a_date(arrive: Callable[..., Visitor]) -> None:
    ben = arrive()
    keys = Keys(ben.page)
    ben.sign_in("Ben Sample", to="/profile/date-of-birth")
    ben.page.locator("[name='date_of_birth-month']").fill("14")
    ben.page.locator("[name='date_of_birth-month']").press("Enter")
    ben.sees("What is your date of birth?")
    _goes_from_the_error_to_the_field(ben, keys, "Date of birth must be a real date", "date_of_birth-month")


def _goes_from_the_error_to_the_field(visitor: Visitor, keys: Keys, sentence: str, field: str) -> None:
    expect(visitor.page.locator(".govuk-error-summary")).to_be_focused()
    keys.tab_to(sentence, most=3)
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("() => document.activeElement.id") == field
    expect(visitor.page.locator(f"[id='{field}']")).to_be_in_viewport()
