"""Staff of reporting at their browsers: a phone that loses its line, a moderator, a map of the figures."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from portal.conformance.seen import look
from tests.journeys.test_desk import SUNITA, TOM, at_desk, reported
from tests.journeys.visitor import PHONE, Visitor, photo_file

FOUND = "It is there, and there is work to do"
NOTE = "Two barriers, and mind the gas main."


def test_what_was_found_outlives_a_lost_connection(arrive: Callable[..., Visitor]) -> None:
    reference = reported(arrive(), "Edwin Specimen", "A hole beside the bridge.")
    tom = arrive(viewport=PHONE)
    at_desk(tom, TOM, f"/desk/reporting/inspect/{reference}")
    tom.sees(f"Inspect {reference}")
    tom.choose(FOUND)
    tom.page.get_by_label("How soon should it be taken up?").select_option(label="High")
    tom.fill("Note for colleagues", NOTE)
    tom.context.set_offline(True)
    tom.press("Send what you found")
    expect(tom.page.get_by_role("status").filter(has_text="There is no connection.")).to_be_visible()

    tom.context.set_offline(False)
    tom.page.reload()
    tom.sees(f"Inspect {reference}")
    expect(tom.page.get_by_role("status").filter(has_text="What you wrote here before is back.")).to_be_visible()
    expect(tom.page.get_by_role("radio", name=FOUND)).to_be_checked()
    expect(tom.page.get_by_label("Note for colleagues")).to_have_value(NOTE)
    tom.press("Send what you found")
    tom.reads(f"What you found at {reference} is kept.")
    tom.sees("Your list")
    tom.go(f"/desk/reporting/inspect/{reference}")
    expect(tom.page.get_by_label("Note for colleagues")).to_have_value("")
    tom.go(f"/desk/cases/{reference}")
    tom.reads(NOTE)


def test_on_a_shared_phone_nobody_sees_what_a_colleague_wrote(arrive: Callable[..., Visitor]) -> None:
    path = f"/desk/reporting/inspect/{reported(arrive(), 'Edwin Specimen', 'A hole beside the forge.')}"
    phone = arrive(viewport=PHONE)
    at_desk(phone, TOM, path)
    note = phone.page.get_by_label("Note for colleagues")
    phone.fill("Note for colleagues", NOTE)
    phone.context.clear_cookies()  # signed out by the time that has gone by
    at_desk(phone, SUNITA, path)
    expect(note).to_have_value("")
    phone.press("Sign out")
    phone.go("/desk/sign-in")
    assert phone.page.evaluate("localStorage.length") == 0


def test_without_script_what_was_found_is_kept_until_it_is_sent(arrive: Callable[..., Visitor]) -> None:
    reference = reported(arrive(), "Edwin Specimen", "A hole beside the mill.")
    tom = arrive(scripted=False, viewport=PHONE)
    at_desk(tom, TOM, f"/desk/reporting/inspect/{reference}")
    tom.page.get_by_label("Put in a template").select_option(label="The work is planned")
    tom.press("Put it in")
    tom.sees(f"Inspect {reference}")
    tom.fill("Note for colleagues", NOTE)
    tom.press("Keep it for later")
    tom.reads("What you wrote is kept for a week.")
    tom.go("/desk/reporting")
    tom.go(f"/desk/reporting/inspect/{reference}")
    expect(tom.page.get_by_label("Note for colleagues")).to_have_value(NOTE)
    tom.choose(FOUND)
    tom.press("Send what you found")
    tom.reads(f"What you found at {reference} is kept.")
    reader = arrive()
    reader.go(f"/services/reporting/problems/{reference}")
    reader.reads("We have looked at this problem. It is with Highways")


def test_a_face_is_covered_by_keyboard_before_anybody_sees_the_photo(
    arrive: Callable[..., Visitor], tmp_path: Path
) -> None:
    edwin = arrive()
    edwin.go("/")
    edwin.sign_in("Edwin Specimen")
    edwin.begin_report("A hole beside the pond.")
    edwin.choose_kind("Pothole")
    edwin.place_by_street()
    edwin.sees("Do you have photos?")
    edwin.page.locator("input[type=file]").set_input_files(photo_file(tmp_path))
    edwin.press("Continue")
    edwin.sees("Check your answers")
    reference = edwin.send()
    tom = arrive(scripted=False, viewport={"width": 320, "height": 640})
    at_desk(tom, TOM, f"/desk/reporting/moderation/{reference}")
    tom.follow("Cover a face or a number plate in photo 1")
    tom.sees("Cover parts of a photo")
    assert tom.page.locator("main").evaluate("main => main.scrollWidth") <= 320
    tom.page.get_by_role("checkbox", name="A1", exact=True).focus()
    tom.page.keyboard.press("Space")
    tom.page.keyboard.press("Tab")
    tom.page.keyboard.press("Space")
    tom.press("Cover these squares")
    tom.reads("Look at the photo below")
    expect(tom.page.get_by_role("img", name="Photo 1 with parts of it covered")).to_be_attached()
    expect(tom.page.get_by_role("checkbox", name="Photo 1")).to_be_checked()
    tom.press("Save and go on")
    reader = arrive()
    reader.go(f"/services/reporting/problems/{reference}")
    expect(reader.page.locator("main img")).to_have_count(1)


def test_a_shortlist_is_made_and_moderated_without_script(arrive: Callable[..., Visitor]) -> None:
    reference = reported(arrive(), "Edwin Specimen", "Mr Smith dug this hole.")
    tom = arrive(scripted=False, viewport=PHONE)
    at_desk(tom, TOM, "/desk/reporting/work")
    tom.sees("Open reports, by priority")
    tom.press(re.compile(rf"^Put it on your list\s*: {reference}$"))  # words that are only heard begin with a space
    tom.reads(f"{reference} is on your list.")
    tom.go("/desk/reporting/work?mine=1")
    tom.reads(reference)
    tom.go(f"/desk/reporting/moderation/{reference}")
    tom.sees(f"What everybody may see of {reference}")
    tom.fill("What everybody reads", "Somebody dug this hole.")
    tom.press("Save and go on")
    tom.reads(f"Your decision about {reference} is kept.")
    reader = arrive()
    reader.go(f"/services/reporting/problems/{reference}")
    reader.reads("Somebody dug this hole.")
    expect(reader.page.locator("main")).not_to_contain_text("Smith")


def test_the_heat_map_is_drawn_and_said_in_words(arrive: Callable[..., Visitor]) -> None:
    tom = arrive()
    at_desk(tom, TOM, "/desk/reporting")
    tom.sees("Street problems")
    tom.follow("Where reports pile up")
    tom.sees("Where reports pile up")
    expect(tom.page.get_by_role("list", name="What the colours mean")).to_be_visible(timeout=15_000)
    expect(tom.page.locator(".leaflet-map-pane canvas").first).to_be_attached()
    expect(tom.page.get_by_role("table", name="The busiest places")).to_be_visible()
    look(tom.page)
    tom.follow("Figures")
    tom.sees("Figures of street problems")
    with tom.page.expect_download() as fetched:
        tom.press("Save the reports as a file (CSV)")
    assert re.fullmatch(r"reports-[\d-]+\.csv", fetched.value.suggested_filename)


def test_every_page_fits_a_phone(arrive: Callable[..., Visitor]) -> None:
    tom = arrive(viewport={"width": 320, "height": 640})
    at_desk(tom, TOM, "/desk/reporting")
    for page in ("work", "moderation", "stuck", "figures", "heat"):
        tom.go(f"/desk/reporting/{page}")
        wide = tom.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, page
