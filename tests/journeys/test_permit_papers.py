"""Whoever council tax does not know sends a paper by phone; an officer reads it at the desk and grants; it is paid."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.journeys.test_desk import at_desk
from tests.journeys.test_payments import CARD
from tests.journeys.visitor import PHONE, POSTCODE, Visitor
from tests.support.pay import GOOD_CARD
from tests.support.pdfs import pdf

PERMITS: Final = "/services/permits/"
BILL: Final = "Gas, water, electricity or telephone bill of the last 3 months"


def test_a_paper_is_sent_by_phone_read_by_an_officer_and_the_permit_paid(
    arrive: Callable[..., Visitor], tmp_path: Path
) -> None:
    devi, lena = arrive(viewport=PHONE, has_touch=True), arrive()
    asks_for_a_permit(devi)
    devi.sees("Proof of address")
    paper = tmp_path / "bill.pdf"
    paper.write_text("<script>alert(1)</script>")
    sends(devi, paper)
    devi.reads("There is a problem")
    paper.write_bytes(pdf())
    sends(devi, paper)
    devi.reads("The document has been added.")
    devi.press("Continue")
    devi.sees("Check your answers")
    devi.reads("An officer has to read your proof of address.")
    devi.press("Send the application")
    devi.sees("Application sent")
    found = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", devi.page.locator("main").inner_text())
    assert found is not None
    reference = found[0]

    at_desk(lena, "Lena Leadservices", f"/desk/cases/{reference}")
    lena.reads("An officer has to read your proof of address.")
    with lena.page.expect_download() as opened:
        lena.follow("Open the file")
    assert opened.value.suggested_filename.endswith(".pdf")
    lena.press("Take it")
    lena.press("Grant the permit")
    lena.sees("Grant the permit")
    lena.press("Grant the permit")
    lena.reads("Ready to pay")

    devi.go(f"/cases/{reference}")
    devi.reads("You can have this permit. It is not valid until you have paid.")
    devi.go(PERMITS)
    devi.follow("Resident parking permit LC22 HYB")
    devi.press("Pay for this permit")
    pays(devi)
    devi.go(PERMITS)
    devi.follow("Resident parking permit LC22 HYB")
    devi.reads("It is valid today.")


def asks_for_a_permit(devi: Visitor) -> None:
    """For her own car at an address that no council tax account of hers is for."""
    devi.sign_in("Devi Pretend", to=PERMITS)
    devi.press("Start now")
    devi.answer("For my own car, at home")
    devi.fill("What is the postcode", POSTCODE)
    devi.press("Continue")
    devi.page.get_by_label("Which is the address?").select_option(index=2)
    devi.press("Continue")
    devi.fill("What is the registration number", "LC22HYB")
    devi.press("Continue")
    devi.answer("Yes")
    devi.answer("Mine")
    devi.press("Continue")
    devi.press("Continue")
    devi.sees("For how long do you want the permit?")
    devi.answer("12 months")


def sends(devi: Visitor, paper: Path) -> None:
    """Name a document, choose its file and add it."""
    devi.choose(BILL)
    devi.page.get_by_label("Choose a photo or a PDF of it").set_input_files(paper)
    devi.press("Add this document")


def pays(payer: Visitor) -> None:
    """Pay for what is in the basket with a card that pays."""
    payer.sees("Your basket")
    payer.press("Pay by card")
    for label, words in (("Card number", GOOD_CARD), *CARD):
        payer.fill(label, words)
    payer.press("Continue")
    payer.press("Confirm payment")
    payer.sees("You have paid")
