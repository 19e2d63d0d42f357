"""Bills as pages and as tagged PDF, with what the regulations want, for their own people alone."""

import re
from decimal import Decimal

import pytest

from services.council_tax.tests.conftest import ACCOUNT, START, Joins
from services.council_tax.tests.told import ADA, DUE, OTHER, PARTS, ToldSystem, bill
from services.council_tax.views.bill_paper import percent
from tests.support.pdf import Pdf, read_pdf
from tests.support.residents import Resident

WANTED = {
    "the names": "Ada #import Lark",
    "the date": "12 March 2026",
    "the period": "1 April 2026 to 31 March 2027",
    "the home": "1 Larkspur Lane",
    "the band": "Valuation band",
    "what an authority takes": "£471.27",
    "its change": "−1.3%",
    "the other change": "+4.9%",
    "the days of a discount": "365",
    "the reason of a discount": "Only one adult lives here",
    "the discount": "−£346.69",
    "what was brought forward": "Brought forward from earlier years",
    "what is to pay": "£1,090.08",
    "a payment": "£104.08",
    "how it is paid": "Card, online or by phone",
    "how homes are valued": "1 April 1991",
    "exempt homes": "Some homes are exempt",
    "disability": "needs a room, a second bathroom",
    "appeals": "Valuation Tribunal",
    "twelve payments": "instead of 10. To do so, open your payments",
    "the duty to tell": "within 21 days",
    "the account": "40001234",
}


def pdf_of(resident: Resident, path: str) -> Pdf:
    """A PDF that a page offers."""
    answer = resident.client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="council-tax-bill-40001234-2026-03-12.pdf"'
    return read_pdf(answer.data)


def test_a_bill_says_on_page_and_paper_what_the_regulations_want(ada: Resident, told: ToldSystem) -> None:
    page = ada.get(f"{ACCOUNT}/bills/b-1")
    look = pdf_of(ada, f"{ACCOUNT}/bills/b-1/pdf")
    assert (look.title, look.language, look.conforms) == ("Council tax bill for 2026 to 2027", "en-GB", "ua-1")
    assert look.tags.count("H1") == 1
    assert look.tags.count("Table") == 4
    printed = " ".join(look.text.split())
    for what, words in WANTED.items():
        assert words in page, what
        assert words in printed, what


def test_bills_are_listed_by_year_with_the_newest_first(ada: Resident, told: ToldSystem) -> None:
    told.bills_told["b-0"] = bill("b-0", year=2025, issued_on="2025-03-10")
    told.bills_told["b-2"] = bill("b-2", kind="adjusted", issued_on="2026-05-02")
    page = ada.get(f"{ACCOUNT}/bills")
    at = [page.index(f"/bills/{key}") for key in ("b-2", "b-1", "b-0")]
    assert at == sorted(at)
    assert "2025 to 2026" in page
    assert page.count("A newer bill took its place") == 1


@pytest.mark.parametrize("path", ["bills", "bills/b-1", "bills/b-1/pdf"])
def test_somebody_elses_bills_look_like_none(robin: Resident, ada: Resident, told: ToldSystem, path: str) -> None:
    theirs = robin.client.get(f"{ACCOUNT}/{path}")
    nobodys = robin.client.get(f"{START}/accounts/49999999/{path}")
    assert theirs.status_code == nobodys.status_code == 404


@pytest.mark.parametrize("bill_id", ["x-1", "none", "..%2F..", "a" * 200], ids=["another's", "none", "a path", "long"])
def test_a_bill_of_another_account_looks_like_none(ada: Resident, told: ToldSystem, bill_id: str) -> None:
    ada.get(f"{ACCOUNT}/bills/{bill_id}", status=404)
    ada.get(f"{ACCOUNT}/bills/{bill_id}/pdf", status=404)
    told.away = True
    ada.get(f"{ACCOUNT}/bills/b-1", status=503)


def test_both_people_of_an_account_see_its_bills(ada: Resident, ben: Resident, told: ToldSystem) -> None:
    assert "Ben Lark" in ada.get(f"{ACCOUNT}/bills/b-1")
    assert "Ada #import Lark" in ben.get(f"{ACCOUNT}/bills/b-1")


@pytest.fixture
def away(ada: Resident, told: ToldSystem) -> ToldSystem:
    """The system goes away after Ada has looked at the list and one bill."""
    told.bills_told["b-2"] = bill("b-2")
    ada.get(f"{ACCOUNT}/bills")
    ada.get(f"{ACCOUNT}/bills/b-1")
    told.away = True
    return told


def test_while_the_system_is_away_the_last_list_and_bill_are_there_with_their_time(
    ada: Resident, away: ToldSystem
) -> None:
    listed, page = ada.get(f"{ACCOUNT}/bills"), ada.get(f"{ACCOUNT}/bills/b-1")
    for shown in (listed, page):
        assert "This is what it told us on" in shown
    assert "£1,090.08" in page
    assert "This is the bill as it was on" in " ".join(pdf_of(ada, f"{ACCOUNT}/bills/b-1/pdf").text.split())


def test_a_kept_bill_of_one_account_is_no_bill_of_another(ada: Resident, joins: Joins, away: ToldSystem) -> None:
    joins("Ada", ADA, OTHER)
    ada.get(f"{ACCOUNT}/bills/b-1")
    ada.get(f"{START}/accounts/{OTHER}/bills/b-1", status=404)


def test_a_bill_that_was_never_looked_at_is_said_to_be_away(ada: Resident, away: ToldSystem) -> None:
    for path in ("bills/b-2", "bills/b-2/pdf"):
        assert "nothing is lost" in ada.get(f"{ACCOUNT}/{path}", status=503)


def test_nothing_to_show_is_said_in_words(ada: Resident, told: ToldSystem) -> None:
    told.bills_told.clear()
    assert "There is no bill yet" in ada.get(f"{ACCOUNT}/bills")
    told.away = True


def test_no_list_at_all_is_said_in_words(ada: Resident, told: ToldSystem) -> None:
    told.away = True
    page = ada.get(f"{ACCOUNT}/bills")
    assert "cannot show your bills" in page
    assert "There is no bill yet" not in page


def test_the_paper_is_in_welsh_where_the_reader_is(ada: Resident, told: ToldSystem) -> None:
    look = pdf_of(ada, f"{ACCOUNT}/bills/b-1/pdf?lang=cy")
    assert look.language == "cy-GB"
    assert PARTS[1].title_cy in look.text


@pytest.mark.parametrize(("year", "said"), [(2024, True), (2025, False), (2026, False)])
def test_the_statement_on_adult_social_care_ended_in_2025(
    ada: Resident, told: ToldSystem, year: int, said: bool
) -> None:
    told.bills_told["b-1"] = bill(year=year)
    assert ("The Secretary of State made an offer" in ada.get(f"{ACCOUNT}/bills/b-1")) is said


def test_a_bill_of_nothing_says_so(ada: Resident, told: ToldSystem) -> None:
    told.bills_told["b-1"] = bill(instalments=(), to_pay=0, brought_forward=0, periods=(), charge=0)
    assert "There is nothing to pay on this bill." in ada.get(f"{ACCOUNT}/bills/b-1")


def test_changes_are_shown_with_their_sign() -> None:
    assert [percent(Decimal(text)) for text in ("4.99", "0", "-2")] == ["+5.0%", "0.0%", "−2.0%"]
    assert percent(None) == ""


def test_another_reference_of_the_same_person_is_no_way_in(ada: Resident, told: ToldSystem) -> None:
    ada.get(f"{START}/accounts/{OTHER}/bills/x-1", status=404)


def payments_on(page: str) -> list[str]:
    """The amounts of the table of payments."""
    table = page[page.index("Your payments</caption>") :].partition("</table>")[0]
    return re.findall(r'numeric">(−?£[^<]+)<', table)


def test_the_payments_of_a_changed_bill_are_those_still_to_make(ada: Resident, told: ToldSystem) -> None:
    paid = DUE[0].model_copy(update={"paid": DUE[0].pence, "state": "paid"})
    begun = DUE[1].model_copy(update={"paid": 400, "state": "part_paid"})
    told.bills_told["b-1"] = bill(kind="adjusted", paid=10808, to_pay=98200, instalments=(paid, begun, *DUE[2:]))
    assert payments_on(ada.get(f"{ACCOUNT}/bills/b-1")) == ["£50", "£100", *["£104"] * 8]


def test_a_credit_of_earlier_years_is_taken_off(ada: Resident, told: ToldSystem) -> None:
    told.bills_told["b-1"] = bill(brought_forward=-5000, to_pay=99008)
    assert payments_on(ada.get(f"{ACCOUNT}/bills/b-1"))[0] == "−£50"


def test_a_final_bill_with_a_credit_says_that_we_owe_it(ada: Resident, told: ToldSystem) -> None:
    told.bills_told["b-1"] = bill(kind="final", paid=120000, to_pay=-10992, brought_forward=0, method="direct_debit")
    page = ada.get(f"{ACCOUNT}/bills/b-1")
    assert page.count("We owe you £109.92.") == 2
    assert "Your payments" not in page
    assert "we collect each payment" not in page


def test_where_instalments_were_lost_all_is_due_now(ada: Resident, told: ToldSystem) -> None:
    lost = tuple(one.model_copy(update={"state": "cancelled"}) for one in DUE)
    told.bills_told["b-1"] = bill(kind="adjusted", instalments=lost)
    assert "Pay it all now." in ada.get(f"{ACCOUNT}/bills/b-1")
