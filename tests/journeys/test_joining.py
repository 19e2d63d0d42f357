"""Carys, whose address is kept from others, takes her council tax out of her account and adds it again by a letter."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.visitor import PHONE, Visitor

CODE = re.compile(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}-[2-9B-Z]{4}\b")
REFERENCE = "71000202"
LETTER = "Eich cod i weld eich cyfrif Treth y Cyngor ar-lein"
"""She reads these pages in English, and has chosen Welsh for what is sent to her."""


def test_carys_adds_her_council_tax_by_a_letter(arrive: Callable[..., Visitor]) -> None:
    carys = arrive(scripted=False, viewport=PHONE)
    carys.go("/")
    carys.sign_in("Carys")
    carys.follow("English")
    carys.go("/profile")
    carys.reads("Records in your account")
    carys.follow("See or add records, such as your council tax")
    carys.sees("Records in your account")
    carys.follow(re.compile("^Remove"))
    carys.sees("Remove it from your account?")
    carys.press("Remove it")
    carys.sees("Records in your account")
    carys.reads("There is nothing in your account yet.")
    carys.follow("Add a council tax account")
    carys.sees("What is your council tax account number?")
    carys.fill("What is your council tax account number?", "7100-02O2")
    carys.press("Continue")
    carys.sees("What is your council tax account number?")
    carys.fill("What is your council tax account number?", "7100 0202")
    carys.press("Continue")
    carys.sees("Who is it for, and where?")
    carys.fill("Full name", "ENGHRAIFFT, Ms Carys")
    carys.fill("Postcode of the property", "w140aa")
    carys.press("Continue")
    carys.sees("How much is one of your payments?")
    carys.follow("I do not know this: send me a letter with a code instead")
    carys.sees("Get a letter with a code")
    carys.press("Send me a letter")
    carys.sees("You have asked for a letter")
    carys.go("/demo/outbox")
    carys.eventually(LETTER)
    carys.follow(LETTER)
    carys.sees(LETTER)
    found = CODE.search(carys.page.locator("main").inner_text())
    assert found is not None
    expect(carys.page.locator("main")).not_to_contain_text(REFERENCE)
    carys.go("/join/code")
    carys.sees("What is your code?")
    carys.fill("What is your code?", "2222-2222-2222")
    carys.press("Continue")
    carys.reads("This code does not work.")
    carys.fill("What is your code?", found[0].lower())
    carys.press("Continue")
    carys.sees("Council tax account: it is in your account")
    carys.press("See it")
    expect(carys.page).to_have_url(re.compile(f"/services/council_tax/accounts/{REFERENCE}"))
    carys.follow("Cymraeg")
