"""Both ends of a case: a resident reports, staff take it, answer and ask, the resident does it and says how it was."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.running import Demo
from tests.journeys.test_keyboard import Keys
from tests.journeys.visitor import PHONE, Visitor, photo_file

SUNITA, TOM = "Sunita Deskworker", "Tom Teamlead"
OUR_BUTTON = re.compile("^Sign in with ")


def reported(visitor: Visitor, name: str, wrong: str) -> str:
    """Sign in and report a pothole; the reference, once the team has it."""
    visitor.go("/")
    visitor.sign_in(name)
    visitor.report_to_check(wrong=wrong)
    reference = visitor.send()
    visitor.go(f"/cases/{reference}")
    visitor.eventually("With the team")
    return reference


def at_desk(visitor: Visitor, name: str, path: str) -> None:
    """Come to a page of the desk by signing in."""
    visitor.go(path)
    visitor.sees("Staff sign-in")
    visitor.press(OUR_BUTTON)
    visitor.sign_in_at_provider(name)
    expect(visitor.page).to_have_url(re.compile(re.escape(path) + "$"))


def test_a_case_from_the_report_to_the_rating(arrive: Callable[..., Visitor], tmp_path: Path) -> None:
    edwin, sunita = arrive(), arrive()
    reference = reported(edwin, "Edwin Specimen", "A hole that grows each day.")
    case = re.compile(f"^Pothole {reference}$")
    at_desk(sunita, SUNITA, f"/desk/cases/{reference}")
    sunita.sees(case)
    sunita.reads("A hole that grows each day.")
    sunita.press("Take it")
    sunita.reads("You deal with this case now.")
    sunita.sees(case)

    sunita.follow("Write to the resident")
    sunita.sees("Write to the resident")
    sunita.page.get_by_label("Put in a template").select_option(label="We need a photo")
    sunita.press("Put it in")
    sunita.sees("Write to the resident")
    expect(sunita.page.get_by_label("Your message")).to_have_value(re.compile(f"^Dear Edwin,[^{{]*{reference}"))
    sunita.press("Send")
    sunita.reads("Your message has been sent.")
    sunita.sees(case)
    sunita.follow("Ask the resident for something")
    sunita.sees("Ask the resident for something")
    sunita.press("Ask them")
    sunita.reads("There is a problem")
    sunita.sees("Ask the resident for something")
    sunita.choose("Documents or photos")
    sunita.fill("What they have to do", "Send a photo of the hole")
    sunita.press("Ask them")
    sunita.reads("The resident is asked, and is told.")

    edwin.go(f"/cases/{reference}")
    edwin.reads("we could not find the place")
    edwin.follow("Send a photo of the hole")
    edwin.sees("Send a photo of the hole")
    edwin.page.get_by_label("Upload a file").set_input_files(photo_file(tmp_path))
    edwin.press("Upload this file")
    edwin.sees("Send a photo of the hole")
    edwin.press("Continue")
    edwin.sees("Check before you send")
    edwin.press("Send")
    edwin.sees("Done")

    sunita.page.reload()
    sunita.sees(case)
    expect(sunita.page.locator("#tasks + ul")).to_contain_text("Done")
    sunita.press("Mark as fixed")
    sunita.sees("Mark as fixed")
    sunita.fill("Words for the resident", "We filled the hole this morning.")
    sunita.press("Mark as fixed")
    sunita.reads("Done. The resident is told.")
    sunita.sees(case)

    edwin.go(f"/cases/{reference}")
    edwin.reads("We filled the hole this morning.")
    edwin.press("Tell us how we did")
    edwin.sees("How did we do?")
    edwin.choose("Very good")
    edwin.press("Send")
    edwin.reads("Thank you. We read every answer.")
    sunita.page.reload()
    sunita.sees(case)
    sunita.reads("5 of 5")

    edwin.go("/who-looked")
    edwin.reads("They deal with it")


def test_letters_and_tab_alone_take_and_answer_a_case(arrive: Callable[..., Visitor]) -> None:
    devi, sunita = arrive(), arrive()
    reference = reported(devi, "Devi Pretend", "A hole before the school.")
    at_desk(sunita, SUNITA, f"/desk/cases/{reference}")
    keys = Keys(sunita.page)
    sunita.page.keyboard.press("t")
    assert keys.focused() == "Take it"  # brought into focus, and not pressed
    with sunita.page.expect_navigation():
        sunita.page.keyboard.press("Enter")
    sunita.reads("You deal with this case now.")
    pressed(sunita.page, "n")
    sunita.sees("Write a note")
    keys.type_into("Your note", "Rang the depot, they know.")  # no letter of it leads anywhere
    keys.press_on("Keep the note")
    sunita.reads("Rang the depot, they know.")
    pressed(sunita.page, "?")
    sunita.sees("Working with the keyboard")
    keys.press_on("Switch the letters off")
    sunita.reads("The letters are switched off in this browser.")
    sunita.go(f"/desk/cases/{reference}")
    sunita.page.keyboard.press("r")
    sunita.at(f"/desk/cases/{reference}")
    keys.press_on("Write to the resident")
    sunita.sees("Write to the resident")


def pressed(page: Page, letter: str) -> None:
    """Press a letter that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(letter)


def test_a_case_is_held_on_a_telephone_without_script(arrive: Callable[..., Visitor]) -> None:
    gwen = arrive()
    reference = reported(gwen, "Devi Pretend", "A hole by the bridge.")
    sunita = arrive(scripted=False, viewport=PHONE)
    at_desk(sunita, SUNITA, f"/desk/cases/{reference}")
    sunita.press("Take it")
    sunita.reads("You deal with this case now.")
    sunita.sees(re.compile(reference))
    sunita.follow("Put it on hold")
    sunita.sees("Put it on hold")
    sunita.press("Put it on hold")
    sunita.reads("Say why: the resident reads it")
    sunita.sees("Put it on hold")
    for part, value in (("Day", "4"), ("Month", "1"), ("Year", "2027")):
        sunita.page.get_by_label(part, exact=True).fill(value)
    sunita.fill("Why does it have to wait?", "The road has to be closed for it.")
    sunita.press("Put it on hold")
    sunita.reads("The case is on hold.")
    sunita.go("/desk/keys")
    sunita.sees("Working with the keyboard")


def test_two_at_one_case_see_each_other_and_overwrite_nothing(arrive: Callable[..., Visitor]) -> None:
    resident, sunita, tom = arrive(), arrive(), arrive()
    reference = reported(resident, "Edwin Specimen", "A hole behind the market.")
    at_desk(sunita, SUNITA, f"/desk/cases/{reference}")
    sunita.press("Close without action")
    sunita.sees("Close without action")
    sunita.fill("Words for the resident", "This is a private yard, so we cannot mend it.")
    at_desk(tom, TOM, f"/desk/cases/{reference}")
    tom.reads(f"{SUNITA} is about to change something here.")
    tom.press("Start the work")
    tom.sees("Start the work")
    tom.press("Start the work")
    tom.reads("Done. The resident is told.")
    sunita.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # in the place of 15 seconds
    sunita.reads("This case has changed since you opened the page.")
    sunita.reads(f"{TOM} has this case open too.")
    sunita.press("Close without action")
    sunita.reads("What has changed since you opened the page")
    sunita.sees("Close without action")
    sunita.reads("In progress")
    expect(sunita.page.get_by_label("Words for the resident")).to_have_value(
        "This is a private yard, so we cannot mend it."
    )
    sunita.press("Close without action")
    sunita.reads("Done. The resident is told.")


def test_a_leader_tries_the_rules_and_reads_the_versions(arrive: Callable[..., Visitor]) -> None:
    tom = arrive(viewport=PHONE)
    at_desk(tom, TOM, "/desk/routing")
    tom.sees("Routing rules")
    tom.follow("Try the rules on a case")
    tom.sees("Try the rules on a case")
    tom.page.get_by_label("What kind of case").select_option(label="Problems in the street: Pothole")
    tom.page.get_by_label("How it came to us").select_option(label="By telephone")
    tom.press("Try it")
    tom.reads("Rule 1 decides.")
    tom.sees("Try the rules on a case")
    tom.go("/desk/templates")
    tom.sees("Response templates")
    tom.follow("It has to wait")
    tom.sees("Change “It has to wait”")
    tom.fill("What it says in English", "Dear {{nmae}}")
    tom.press("Save")
    tom.reads("There is no such field: nmae.")
    tom.sees("Change “It has to wait”")
    tom.fill("What it says in English", "Dear {{name}}, we cannot go on before {{held_until_day}}.")
    tom.press("Save")
    tom.reads("Version 2 is in use from now on.")
    tom.follow(re.compile("^Version 2 of It has to wait"))
    tom.sees("Versions of “It has to wait”")


def test_every_page_of_an_act_is_as_pages_must_be(arrive: Callable[..., Visitor], demo: Demo) -> None:
    tom = arrive()
    asked = "select c.reference, t.id from portal.case c join portal.case_task t on t.case_id = c.id limit 1"
    ((reference, task),) = demo.ask(asked)
    ((master,),) = demo.ask("select reference from portal.case where held_at is not null limit 1")
    ((rule,),) = demo.ask("select id from portal.routing_rule order by position limit 1")
    case = f"/desk/cases/{reference}"
    at_desk(tom, TOM, case)
    acts = ("take", "pass-on", "ask", "add-document", "merge", f"merge/{master}", "contact")
    for path in (*acts, f"tasks/{task}/withdraw", f"tasks/{task}/complete"):
        tom.go(f"{case}/{path}")
    for path in ("/desk/routing/new", f"/desk/routing/{rule}", f"/desk/routing/{rule}/remove", "/desk/templates/new"):
        tom.go(path)


def test_letters_go_through_a_list_of_cases(arrive: Callable[..., Visitor]) -> None:
    sunita = arrive()
    at_desk(sunita, SUNITA, "/desk/cases?view=teams")
    keys, keyboard = Keys(sunita.page), sunita.page.keyboard
    rows = sunita.page.locator("[data-desk-row]").all_inner_texts()
    keyboard.press("j")
    assert keys.focused() == rows[0]
    keyboard.press("j")
    assert keys.focused() == rows[1]
    keyboard.press("k")
    assert keys.focused() == rows[0]
    keyboard.press("/")
    keyboard.type("jj")  # no letter goes anywhere while somebody types
    expect(sunita.page.get_by_label("Search", exact=True)).to_have_value("jj")
