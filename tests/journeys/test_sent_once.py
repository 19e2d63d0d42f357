"""However often the button is pressed, and in however many tabs, one report is made."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.running import Demo
from tests.journeys.visitor import Visitor

MADE = "select count(*) from reporting.report where description = :words"


def test_a_double_click_sends_once(arrive: Callable[..., Visitor], demo: Demo) -> None:
    ben = arrive()
    ben.sign_in("Ben Sample")
    words = "Paint on the bench, pressed twice."
    ben.report_to_check(kind="Graffiti", wrong=words)
    ben.button("Send the report").dblclick()
    ben.sees("Report sent")
    assert demo.ask(MADE, words=words)[0][0] == 1


def test_a_double_click_without_script_sends_once(arrive: Callable[..., Visitor], demo: Demo) -> None:
    ben = arrive(scripted=False)
    ben.sign_in("Ben Sample")
    words = "Paint on the gate, pressed twice without script."
    ben.report_to_check(kind="Graffiti", wrong=words)
    ben.button("Send the report").dblclick()
    ben.sees("Report sent")
    assert demo.ask(MADE, words=words)[0][0] == 1


def test_two_tabs_send_once_and_show_the_same_reference(arrive: Callable[..., Visitor], demo: Demo) -> None:
    ben = arrive()
    ben.sign_in("Ben Sample")
    words = "Paint on the wall, sent by two tabs."
    ben.report_to_check(kind="Graffiti", wrong=words)
    other = ben.context.new_page()
    other.goto(ben.path)
    reference = ben.send()
    other.get_by_role("button", name="Send the report").click()
    expect(other.locator("h1")).to_have_text("Report sent")
    expect(other.locator(".govuk-panel")).to_contain_text(reference)
    assert demo.ask(MADE, words=words)[0][0] == 1


def test_back_after_sending_shows_the_confirmation_not_the_form(arrive: Callable[..., Visitor], demo: Demo) -> None:
    ben = arrive()
    ben.sign_in("Ben Sample")
    words = "Paint on the door, and back."
    ben.report_to_check(kind="Graffiti", wrong=words)
    ben.send()
    ben.page.go_back()
    ben.page.reload()
    ben.sees("Report sent")
    assert demo.ask(MADE, words=words)[0][0] == 1
