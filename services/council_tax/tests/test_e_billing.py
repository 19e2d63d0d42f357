"""Bills on the screen: each liable person chooses for themselves, and it is confirmed."""

import pytest

from services.council_tax.backoffice.changes import SetEBilling
from services.council_tax.tests.conftest import ACCOUNT, Works
from services.council_tax.tests.told import ToldSystem
from tests.support.residents import Resident

PATH = f"{ACCOUNT}/e-billing"
KEY = "0b3f1f0e-6a53-4a0e-8a55-0f9f0f6f3a11"


def chosen(resident: Resident) -> str:
    """Which of the two is ticked on the page."""
    resident.get(PATH)
    return next(
        str(box.get("value"))
        for box in resident.client.page.all("input", type="radio")
        if box.get("checked") is not None
    )


def test_each_sees_their_own_choice_and_that_of_the_other(ada: Resident, ben: Resident, told: ToldSystem) -> None:
    assert (chosen(ada), chosen(ben)) == ("on", "off")
    assert "Ben Lark: on paper" in ada.get(PATH)
    assert "Ada Lark: online" in ben.get(PATH)


@pytest.mark.parametrize(("choice", "said"), [("on", "no paper is sent to you"), ("off", "by post")])
def test_a_choice_is_sent_for_that_person_and_confirmed(
    ada: Resident, ben: Resident, told: ToldSystem, works: Works, choice: str, said: str
) -> None:
    chooser = ben if choice == "on" else ada
    where = chooser.post(PATH, e_billing=choice, key=KEY).location
    page = chooser.get(where)
    assert said in page
    assert "Nothing changes for anybody else" in page
    works()
    assert told.changes == [SetEBilling(on=choice == "on")]


def test_a_second_press_sends_nothing_more(ben: Resident, told: ToldSystem, works: Works) -> None:
    first, second = (ben.post(PATH, e_billing="on", key=KEY).location for _ in range(2))
    assert first == second
    works()
    assert len(told.changes) == 1


def test_who_goes_back_and_chooses_the_other_gets_the_other(ben: Resident, told: ToldSystem, works: Works) -> None:
    first, second = (ben.post(PATH, e_billing=choice, key=KEY).location for choice in ("on", "off"))
    assert first != second
    assert "by post" in ben.get(str(second))
    works()
    assert told.changes == [SetEBilling(on=True), SetEBilling(on=False)]


def test_the_same_choice_is_not_asked_twice_while_it_waits(ben: Resident, told: ToldSystem, works: Works) -> None:
    told.away = True
    where = str(ben.post(PATH, e_billing="on", key=KEY).location)
    (refusal,) = ben.refused(PATH, e_billing="on", key="another")
    assert refusal.startswith(f"You have asked for this already. Your reference is {where.rpartition('/')[2]}")
    told.away = False
    ben.post(PATH, e_billing="off", key="another")
    ben.post(PATH, e_billing="on", key="one more")
    works()
    assert [change.on for change in told.changes if isinstance(change, SetEBilling)] == [True, False, True]


def test_a_choice_that_waits_is_not_confirmed_as_if_it_were_made(ben: Resident, told: ToldSystem, works: Works) -> None:
    where = str(ben.post(PATH, e_billing="on", key=KEY).location)
    assert "It has not reached our council tax system yet" in ben.get(where)
    works()
    assert "It has not reached our council tax system yet" not in ben.get(where)


def test_what_is_so_already_is_said(ada: Resident, told: ToldSystem, works: Works) -> None:
    assert ada.refused(PATH, e_billing="on") == ["You get your bills that way already"]
    assert ada.refused(PATH) == ["Select how you want to get your bills"]
    works()
    assert told.changes == []


def test_while_the_system_is_away_the_choice_waits(ben: Resident, told: ToldSystem, works: Works) -> None:
    ben.get(PATH)
    told.away = True
    ben.post(PATH, e_billing="on", key="no key")
    works()
    page = ben.get(PATH)
    assert "waits for our council tax system" in page
    assert "This is what it told us on" in page
    assert told.changes == []


def test_somebody_elses_looks_like_none(ada: Resident, ben: Resident, robin: Resident, told: ToldSystem) -> None:
    where = str(ben.post(PATH, e_billing="on", key=KEY).location)
    ada.get(where, status=404)
    robin.get(PATH, status=404)
    robin.post(PATH, status=404, e_billing="on")
    ben.get(where.replace("/e-billing/", "/direct-debit/"), status=404)
