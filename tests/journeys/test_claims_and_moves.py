"""Claims and moves of council tax: Ada on a telephone without script, Edwin by keyboard, Fern who has just moved in."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect

from portal.conformance.seen import NARROW, OVERFLOW, look
from tests.journeys.test_keyboard import Keys
from tests.journeys.visitor import DESK, PHONE, Visitor, photo_file

HERE = "/services/council_tax"
ADA, EDWIN = f"{HERE}/accounts/71000101", f"{HERE}/accounts/71000303"
HOME = "14 Rushlight Road, London, W14 9HE"
SHOWN = re.compile(r"would show now is (\d{6})")
AMOUNT = re.compile(r"£[\d,]+(?:\.\d\d)?")
DEBT_PAGES = ("", "/money", "/instalments", "/statement", "/recovery", "/people")
OPEN_PAGES = (f"{HERE}/bands", f"{HERE}/bands/W149HE", f"{HERE}/estimate")


def test_ada_asks_for_a_discount_with_evidence_without_script(arrive: Callable[..., Visitor], tmp_path: Path) -> None:
    ada = arrive(scripted=False, viewport=PHONE)
    ada.sign_in("Ada Example", to=ADA)
    ada.sees("Your council tax")
    ada.follow("Discounts: get one, or tell us that one ends")
    ada.sees("Discounts")
    ada.press("Ask for a discount")
    ada.sees("Which discount do you want to ask for?")
    ada.answer("Only one adult lives here")
    ada.sees("Which discount do you want to ask for?")
    ada.follow("More than one adult is on this account. Tell us first that somebody has moved out")
    ada.answer("Somebody who lives here is not counted")
    ada.sees("Why is the person not counted?")
    ada.answer("Full-time student or foreign language assistant")
    ada.sees("What is the name of the person?")
    ada.fill("What is the name of the person?", "Ben Sample")
    ada.press("Continue")
    ada.sees("How many people of 18 or over live in the home?")
    ada.answer("Three")
    _answers_since_when(ada)
    ada.sees("Until which day does it apply?")
    ada.press("Continue")
    _adds_evidence(ada, tmp_path)
    ada.sees("Check what you ask for")
    ada.reads("this alone does not change the bill")
    ada.follow("Change People of 18 or over")
    ada.sees("How many people of 18 or over live in the home?")
    ada.answer("Two")
    ada.sees("Check what you ask for")
    ada.reads("Ben Sample")
    ada.reads("Files: 1")
    ada.reads(re.compile(r"a whole year costs about £[\d,.]+ less"))
    ada.press("Ask for the discount")
    ada.sees("You have asked for a discount")
    reference = ada.path.split("/")[-1]
    expect(ada.page.locator(".govuk-panel")).to_contain_text(reference)
    ada.follow("Follow what you asked for")
    ada.sees(re.compile(reference))
    ada.eventually("A council tax officer has what you sent us and will decide.")
    look(ada.page)


def _answers_since_when(ada: Visitor) -> None:
    ada.sees("From which day does it apply?")
    for year in ("1991", str(datetime.now(UTC).year - 1)):
        ada.fill("Day", "1")
        ada.fill("Month", "4")
        ada.fill("Year", year)
        ada.press("Continue")
        if year == "1991":
            ada.sees("From which day does it apply?")
            ada.follow(re.compile("^The day must be .* or later, when this account began$"))


def _adds_evidence(ada: Visitor, folder: Path) -> None:
    ada.sees("Evidence")
    ada.reads("We need to see: A student certificate.")
    words = folder / "certificate.txt"
    words.write_text("Ben studies.")
    for path in (words, photo_file(folder)):
        ada.page.get_by_label("Choose a photo or a PDF").set_input_files(path)
        ada.press("Continue")
        ada.sees("Evidence")
        if path is words:
            ada.reads("There is a problem")
            expect(ada.button("Remove file 1")).to_have_count(0)
    ada.reads("The file has been added.")
    expect(ada.button("Remove file 1")).to_be_visible()
    ada.press("Continue")


def test_edwin_asks_to_spread_what_he_owes_by_keyboard_alone(arrive: Callable[..., Visitor]) -> None:
    edwin = arrive()
    edwin.sign_in("Edwin Specimen", to=f"{EDWIN}/recovery")
    keys = Keys(edwin.page)
    edwin.sees("Where you are if you have not paid")
    keys.press_on("Ask to spread what you owe")
    edwin.sees("Spread what you owe")
    owed = _pence(edwin.page.locator("p.govuk-body-l").inner_text())
    keys.press_on("Ask to spread what you owe")
    edwin.sees("Over how many months do you want to spread what you owe?")
    keys.press_on("Continue")
    expect(edwin.page.locator(".govuk-error-summary")).to_be_focused()
    keys.tab_to("Select over how many months", most=3)
    edwin.page.keyboard.press("Enter")
    assert keys.focused().startswith("3 months")
    edwin.page.keyboard.press("ArrowDown")
    expect(edwin.page.get_by_role("radio", name="6 months")).to_be_checked()
    keys.press_on("Continue")
    edwin.sees("On which day of the month will you pay?")
    keys.tab_to("Day ")
    edwin.page.keyboard.press("Space")
    keys.press_on("Continue")
    keys.type_into("Is there anything that we should know?", "My pension comes on the last day of the month.")
    keys.press_on("Continue")
    edwin.sees("Check what you offer to pay")
    edwin.reads("My pension comes on the last day of the month.")
    payments = edwin.page.locator("table tbody td").all_inner_texts()
    assert len(payments) == 6
    assert sum(map(_pence, payments)) == owed
    keys.press_on("Ask to spread what I owe")
    edwin.sees("You have asked to spread what you owe")
    keys.press_on("Follow what you asked for")
    edwin.eventually("Your council tax account has been changed.")
    look(edwin.page)


def test_fern_says_that_she_moves_in(arrive: Callable[..., Visitor]) -> None:
    fern = arrive(viewport=PHONE)
    charge, day = _works_out_her_bill(fern)
    fern.follow("Tell us that you move in")
    fern.press(re.compile("^Sign in with "))
    fern.sign_in_at_provider("Fern Newcomer")
    fern.sees("Tell us that you move in")
    fern.press("Continue")
    fern.sees("What is the postcode of the new home?")
    fern.fill("What is the postcode of the new home?", "w149he")
    fern.press("Continue")
    fern.sees("Which is the new home?")
    fern.page.get_by_label("Which is the new home?").select_option(label=HOME)
    fern.press("Continue")
    fern.sees("On which day did you move in, or will you?")
    for part, number in day.items():
        fern.fill(part, number)
    fern.press("Continue")
    fern.sees("Who pays the council tax of the new home?")
    fern.fill("Who pays the council tax of the new home?", "Fern Newcomer")
    fern.press("Continue")
    fern.sees("How many adults live in the new home, you included?")
    fern.fill("How many adults live in the new home, you included?", "0")
    fern.press("Continue")
    fern.reads("There is a problem")
    fern.sees("How many adults live in the new home, you included?")
    fern.fill("How many adults live in the new home, you included?", "1")
    fern.press("Continue")
    fern.sees("Do you own the new home or rent it?")
    fern.answer("I rent it")
    fern.sees("Check what you tell us")
    fern.reads("Estimate for the new home")
    fern.reads(HOME)
    fern.reads(charge)
    fern.press("Tell the council")
    fern.sees("You have told us of your move")
    expect(fern.page.locator(".govuk-panel")).to_contain_text(fern.path.split("/")[-1])
    fern.go(f"{HERE}/")
    fern.eventually(HOME)
    fern.sees("Your council tax")
    fern.reads(charge)


def _works_out_her_bill(fern: Visitor) -> tuple[str, dict[str, str]]:
    """The charge for a home in band D with one adult from today, and that day."""
    fern.go(f"{HERE}/estimate")
    day = {part: fern.page.get_by_label(part, exact=True).input_value() for part in ("Day", "Month", "Year")}
    fern.press("Work it out")
    fern.sees("Work out a council tax bill")
    fern.follow("Select the band of the home")
    fern.choose("D")
    fern.choose("One")
    fern.press("Work it out")
    fern.sees("Your estimate")
    found = AMOUNT.search(fern.page.locator("p.govuk-body-l").inner_text())
    assert found is not None
    return found[0], day


def test_the_pages_about_money_fit_every_screen(arrive: Callable[..., Visitor]) -> None:
    edwin = arrive()
    edwin.sign_in("Edwin Specimen", to=EDWIN)
    for path in (*(f"{EDWIN}{each}" for each in DEBT_PAGES), *OPEN_PAGES):
        _fits(edwin, path)
    gita = arrive()
    gita.page.goto(f"/sign-in?next={HERE}/properties")
    gita.press(re.compile("^Sign in with "))
    gita.sign_in_at_provider("Gita Placeholder")
    code = SHOWN.search(gita.page.locator("main").inner_text())
    assert code is not None
    gita.fill("Six-digit code", code[1])
    gita.press("Continue")
    gita.sees("Your council tax accounts")
    _fits(gita, f"{HERE}/properties")


def _fits(visitor: Visitor, path: str) -> None:
    answer = visitor.go(path)
    assert answer.status == 200
    visitor.at(path)
    expect(visitor.page.locator("main")).not_to_contain_text("We cannot reach")
    visitor.page.set_viewport_size(NARROW)
    look(visitor.page)
    assert visitor.page.evaluate(OVERFLOW) == []
    visitor.page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})


def _pence(words: str) -> int:
    found = AMOUNT.search(words)
    assert found is not None, words
    return round(float(found[0].replace("£", "").replace(",", "")) * 100)
