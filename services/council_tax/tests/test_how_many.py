"""Ten payments a year or twelve: shown before it is sent, sent once, and taken by the council's system."""

from datetime import date

import pytest

from services.council_tax.backoffice.changes import SetInstalments
from services.council_tax.backoffice.values import Instalment
from services.council_tax.queries.how_many import plans
from services.council_tax.tests.conftest import ACCOUNT, Works
from services.council_tax.tests.playing import Playing
from services.council_tax.tests.told import DUE, REFERENCE, ToldSystem, account
from tests.support.fixtures import Clock
from tests.support.residents import Resident

PATH = f"{ACCOUNT}/how-many-payments"
KEY = "5c1f9a54-20b4-4f0e-9a52-71c7a3a0a911"


@pytest.fixture(autouse=True)
def spring(at: Clock) -> None:
    """The bill has come, and the first of ten payments is due."""
    at.move_to("2026-04-10T09:00")


def test_what_each_choice_comes_to_is_shown_before_it_is_sent(ada: Resident, told: ToldSystem) -> None:
    page = ada.get(PATH)
    # £936 is left, of a year of ten. Of twelve there are as many as first days of a month after 24 April.
    assert "9 payments of about £104, from 1 May 2026 to 1 January 2027" in page
    assert "11 payments of about £85, from 1 May 2026 to 1 March 2027" in page


def test_who_pays_over_twelve_months_sees_what_ten_would_be(ada: Resident, told: ToldSystem) -> None:
    twelve = tuple(
        Instalment(number=n + 1, due_on=date(2026 + (n + 3) // 12, (n + 3) % 12 + 1, 1), pence=8667, state="future")
        for n in range(12)
    )
    told.accounts_told[REFERENCE] = account(instalments=twelve, many=12)
    page = ada.get(PATH)
    assert "11 payments of about £86.67, from 1 May 2026 to 1 March 2027" in page
    assert "10 payments of about £95, from 1 May 2026 to 1 February 2027" in page


def test_the_plan_of_who_moved_in_within_the_year_is_of_the_number_that_the_system_says(
    ada: Resident, told: ToldSystem
) -> None:
    told.accounts_told[REFERENCE] = account(instalments=DUE[2:], many=12)
    options = plans(told.accounts_told[REFERENCE], date(2026, 4, 10))
    assert [one.pence for one in options[12]] == [one.pence for one in DUE[2:]], "as they are, of twelve"
    assert "8 payments of about £104" in ada.get(PATH)


def test_the_system_says_which_number_an_account_has(standin: Playing) -> None:
    home = standin.opens(on="2026-11-10")
    assert standin.account(home)["many"] == 10
    standin.change(home, "instalments", many=12)
    assert standin.account(home)["many"] == 12


def test_twelve_are_asked_for_and_confirmed(ada: Resident, told: ToldSystem, works: Works) -> None:
    where = ada.post(PATH, many="12", key=KEY).location
    page = ada.get(where)
    assert "You have asked to pay over 12 months" in page
    assert "pay as your last bill says" in page
    works()
    assert told.changes == [SetInstalments(many=12)]


def test_a_second_press_sends_nothing_more(ada: Resident, told: ToldSystem, works: Works) -> None:
    first, second = (ada.post(PATH, many="12", key=KEY).location for _ in range(2))
    assert first == second
    works()
    assert len(told.changes) == 1


def test_nothing_chosen_and_nonsense_are_refused(ada: Resident, told: ToldSystem, works: Works) -> None:
    assert ada.refused(PATH) == ["Select 10 months or 12 months"]
    assert ada.refused(PATH, many="11")
    works()
    assert told.changes == []


@pytest.mark.parametrize("state", ["paid", "cancelled"])
def test_nothing_is_offered_where_nothing_is_left_to_spread(ada: Resident, told: ToldSystem, state: str) -> None:
    paid = {"paid": 10400} if state == "paid" else {}
    told.accounts_told[REFERENCE] = account(
        instalments=tuple(one.model_copy(update={"state": state, **paid}) for one in DUE)
    )
    page = ada.get(PATH)
    assert "nothing left of this year to pay by instalments" in page
    assert "Send" not in ada.client.page.main


def test_the_way_there_is_on_the_page_of_the_payments(ada: Resident, told: ToldSystem) -> None:
    ada.get(f"{ACCOUNT}/instalments")
    assert "Pay over 10 or 12 months" in ada.client.page.links()
