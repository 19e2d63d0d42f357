"""Moving home as a resident meets it: one question a page, the estimate before it is sent, one move once."""

import re
from datetime import date

import pytest
from flask import Flask

from portal.kit import get_joined, joined_records, protect, session
from services.council_tax.backoffice import client
from services.council_tax.backoffice.changes import MoveIn, MoveOut, MoveWithin
from services.council_tax.operations import asking
from services.council_tax.queries import accounts, bills, published
from services.council_tax.tests.conftest import START, Joins, Works
from services.council_tax.tests.moving import (
    IN,
    NEW_REFERENCE,
    OUT,
    WITHIN,
    Opens,
    begin,
    into,
    on,
    out,
    send,
    up_to,
    within,
)
from services.council_tax.tests.told import ADA, REFERENCE, account, telling
from tests.support.fixtures import Clock
from tests.support.residents import Resident

MOVED = date(2026, 9, 14)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, at: Clock) -> Opens:
    """The council's system, on a day in September."""
    at.move_to("2026-09-10T09:00")
    system = Opens()
    for module in (client, bills, accounts, asking, published):
        monkeypatch.setattr(module, "system", telling(system))
    monkeypatch.setattr(published, "_kept", {})
    return system


def closes(told: Opens) -> None:
    """Somebody has told of a move, and the system has taken it."""
    told.accounts_told[REFERENCE] = account(closed_on=MOVED)


def test_somebody_without_an_account_moves_in_and_finds_the_new_one_here(
    app: Flask, robin: Resident, told: Opens, works: Works
) -> None:
    url = begin(robin, IN)
    answers = into()
    for step, after in zip(answers, [*list(answers)[1:], "check"], strict=True):
        robin.get(f"{url}/{step}")
        assert robin.post(f"{url}/{step}", **answers[step]).location == f"{url}/{after}"
    page = robin.get(f"{url}/check")
    for words in ("2 Larkspur Lane", "Monday 14 September 2026", "Kim Lark", "Rented", "This is an estimate"):
        assert words in page
    confirmation = robin.get(robin.post(f"{url}/check").location)
    assert "What happens next" in confirmation
    works()
    move = MoveIn(
        uprn="2", moved_on=MOVED, names=("Ada Lark", "Kim Lark"), adults=2, tenure="tenant", asker="Robin Tester"
    )
    assert told.asked == [("", move)]
    assert "Your new council tax account is ready" in robin.get("/inbox")
    assert joined_by(app, robin) == [NEW_REFERENCE]


def joined_by(app: Flask, resident: Resident) -> list[str]:
    """The references of the accounts that somebody has joined."""
    with app.app_context():
        return sorted(each.key for each in joined_records(resident.account, "council_tax"))


def test_the_estimate_of_moving_in_is_by_days_and_to_the_penny(robin: Resident, told: Opens) -> None:
    page = robin.get(f"{up_to(robin, IN, into())}/check")
    # Band E is 11 ninths of each part, cut to pence: £1,694.95 · 199 days of 365 = £924.09…
    pence = (91550 * 11 // 9 + 47127 * 11 // 9) * 199
    charge = (2 * pence + 365) // 730
    assert f"£{charge // 100}.{charge % 100:02d}" in page
    assert "199" in page
    assert payments(page) == charge


def payments(page: str) -> int:
    """What the payments of a page add up to, in pence."""
    sums = re.findall(r"numeric\">£([\d.,]+)<", page)
    return sum(int(float(each.replace(",", "")) * 100 + 0.5) for each in sums)


def test_the_only_adult_is_told_that_the_discount_comes_with_it(robin: Resident, told: Opens) -> None:
    answers = into(names={"names": "Robin"}, adults={"adults": "1"})
    url = up_to(robin, IN, answers)
    assert "single person discount: a quarter off" in robin.get(f"{url}/check")
    assert "single person discount is taken off the first bill" in robin.get(robin.post(f"{url}/check").location)


def test_everybody_moves_out_and_sees_the_last_bill_before(ada: Resident, told: Opens, works: Works) -> None:
    url = up_to(ada, OUT, out())
    page = ada.get(f"{url}/check")
    # £1,386.77 less a quarter, for 166 of 365 days.
    assert "£473.02 for 166 days" in page
    assert "Left to pay" in page
    ada.get(ada.post(f"{url}/check").location)
    works()
    lines = ("9 Secret Street", "Leeds", "LS1 1AA")
    assert told.changes == [MoveOut(moved_on=MOVED, forwarding=lines, everybody=True)]


def test_who_has_paid_too_much_sees_what_comes_back(ada: Resident, told: Opens) -> None:
    told.accounts_told[REFERENCE] = account(paid=104008, balance=0)
    page = ada.get(f"{up_to(ada, OUT, out())}/check")
    assert "You get back" in page
    assert "£567.06" in page  # 1,040.08 less 473.02


def test_one_of_two_who_leaves_is_told_that_the_others_keep_the_bill(ada: Resident, told: Opens, works: Works) -> None:
    url = up_to(ada, OUT, out(who={"who": "me"}))
    page = ada.get(f"{url}/check")
    assert "The bill stays with those who stay" in page
    assert "Estimate" not in page
    ada.post(f"{url}/check")
    works()
    assert isinstance(told.changes[0], MoveOut)
    assert not told.changes[0].everybody


def test_who_is_alone_on_the_account_is_not_asked_who_moves(ada: Resident, told: Opens) -> None:
    told.accounts_told[REFERENCE] = account(people=account().people[:1])
    url = begin(ada, OUT)
    assert ada.client.get(f"{url}/who").location == f"{url}/left"


def test_who_stays_in_the_area_is_led_to_both_homes_at_once(
    app: Flask, ada: Resident, told: Opens, works: Works
) -> None:
    assert ada.post(OUT, stay="yes").location == WITHIN
    url = up_to(ada, WITHIN, within())
    page = ada.get(f"{url}/check")
    assert "Estimate for the old home" in page
    assert "Estimate for the new home" in page
    ada.get(ada.post(f"{url}/check").location)
    works()
    assert told.changes == [
        MoveWithin(uprn="2", left_on=MOVED, moved_on=MOVED, names=("Ada Lark", "Kim Lark"), adults=2, tenure="tenant")
    ]
    assert joined_by(app, ada) == [REFERENCE, NEW_REFERENCE]


def test_only_one_who_moves_within_is_led_through_two_steps(ada: Resident, told: Opens) -> None:
    url = begin(ada, WITHIN)
    where = ada.post(f"{url}/who", who="me").location
    assert "two short steps" in ada.get(where)


def test_a_protected_address_stays_so_after_a_move(app: Flask, joins: Joins, told: Opens, works: Works) -> None:
    carys = joins("Carys", ADA)
    with app.app_context():
        protect("council_tax", "account", REFERENCE, protected=True, actor="system:test")
        session().commit()
    send(carys, WITHIN, within())
    works()
    with app.app_context():
        assert get_joined(carys.account, "council_tax", NEW_REFERENCE).protected


WRONG = [
    pytest.param("left", on(date(2027, 9, 14)), "10 December 2026 or earlier", id="a year late"),
    pytest.param("left", on(date(2020, 1, 1)), "must be after 1 January 2020", id="the day it began"),
    pytest.param("left", on(date(2024, 9, 14)), "1 April 2025 or later", id="long ago"),
    pytest.param("left", {**on(MOVED), "day-month": "13"}, "real date", id="no month"),
    pytest.param("left", {}, "Enter the day", id="none"),
    pytest.param("postcode", {"postcode": "LS1 1AA"}, "whom to tell instead", id="not ours"),
    pytest.param("postcode", {"postcode": "nowhere"}, "postcode", id="no postcode"),
    pytest.param("address", {"address": "77"}, "Select the address", id="not offered"),
    pytest.param("address", {"address": "1"}, "already", id="the same home"),
    pytest.param("day", on(date(2026, 5, 1)), "92 days apart", id="too far apart"),
    pytest.param("day", on(date(2062, 9, 14)), "Check the year", id="wrong year"),
    pytest.param("names", {"names": "Ada\nada"}, "twice", id="twice"),
    pytest.param("names", {"names": "1\n2"}, "full name", id="numbers"),
    pytest.param("names", {"names": "\n".join(f"A{'b' * n}" for n in range(1, 12))}, "no more than 10", id="many"),
    pytest.param("adults", {"adults": "0"}, "1 or more", id="nobody"),
    pytest.param("adults", {"adults": "-2"}, "whole number", id="below nothing"),
    pytest.param("adults", {"adults": "500"}, "20 or fewer", id="absurd"),
    pytest.param("adults", {"adults": "1"}, "You named 2 people", id="fewer than names"),
    pytest.param("tenure", {"tenure": "lord"}, "Select whether", id="no tenure"),
]


@pytest.mark.parametrize(("step", "values", "said"), WRONG)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    ada: Resident, told: Opens, step: str, values: dict[str, str], said: str
) -> None:
    url = up_to(ada, WITHIN, within(), step)
    assert said in ada.refused(f"{url}/{step}", **values)[0]
    assert ada.client.get(f"{url}/check").location == f"{url}/{step}"


def test_whom_to_tell_is_said_where_the_home_is_not_ours(robin: Resident, told: Opens) -> None:
    url = begin(robin, IN)
    assert "https://www.gov.uk/find-local-council" in robin.get(f"{url}/postcode")


def test_a_day_that_lay_too_long_is_not_sent(ada: Resident, told: Opens, at: Clock) -> None:
    url = up_to(ada, OUT, out(left=on(date(2026, 11, 20))))
    told.accounts_told[REFERENCE] = account(opened_on=date(2026, 11, 20))
    begin(ada, OUT)  # from another tab: what the account is like is looked at again
    assert "must be after" in ada.refused(f"{url}/check")[0]
    assert told.changes == []


def test_more_names_ask_for_the_adults_again(robin: Resident, told: Opens) -> None:
    url = up_to(robin, IN, into())
    assert robin.post(f"{url}/names", names="Ada\nBen\nCy").location == f"{url}/adults"


def test_change_comes_straight_back_and_a_new_postcode_asks_for_the_home(robin: Resident, told: Opens) -> None:
    url = up_to(robin, IN, into())
    assert robin.post(f"{url}/tenure", tenure="owner").location == f"{url}/check"
    assert robin.post(f"{url}/postcode", postcode="W6 9JU").location == f"{url}/address"


def test_two_tabs_make_one_move(ada: Resident, told: Opens, works: Works) -> None:
    url = up_to(ada, OUT, out())
    assert begin(ada, OUT) == url
    first = ada.post(f"{url}/check").location
    assert ada.post(f"{url}/check").location == first
    assert ada.client.get(f"{url}/left").location == first
    assert "not settled yet" in ada.get(OUT)
    assert "not settled yet" in str(ada.post(OUT, status=200, stay="no").get_data(as_text=True))
    works()
    assert len(told.changes) == 1


def test_the_same_home_is_moved_into_once(robin: Resident, told: Opens, works: Works) -> None:
    first = send(robin, IN, into())
    url = up_to(robin, IN, into())
    (said,) = robin.refused(f"{url}/check")
    assert first.rpartition("/")[2] in said
    works()
    assert len(told.asked) == 1


def test_the_second_of_two_is_told_kindly_and_nothing_is_sent(
    ada: Resident, ben: Resident, told: Opens, works: Works
) -> None:
    url = up_to(ben, OUT, out())
    send(ada, OUT, out())
    works()
    closes(told)
    assert "has told us of a move already" in ben.refused(f"{url}/check")[0]
    page = ben.get(OUT)
    assert "The account ends on 14 September 2026" in page
    works()
    assert len(told.changes) == 1


def test_a_move_is_kept_while_the_system_is_away(ada: Resident, told: Opens, works: Works) -> None:
    told.away = True
    url = up_to(ada, OUT, out())
    assert "cannot work out an estimate" in ada.get(f"{url}/check")
    assert "sent as soon as it does" in ada.get(ada.post(f"{url}/check").location)
    assert "waits for our council tax system" in ada.get(f"{START}/accounts/{REFERENCE}")
    assert told.changes == []


def test_a_home_is_found_without_the_system(robin: Resident, told: Opens) -> None:
    told.away = True
    url = up_to(robin, IN, into(), "address")
    assert "Choose an address" in robin.get(f"{url}/address")
    uprn = robin.client.page.all("option")[1].get("value")
    answers = into(address={"address": uprn})
    for step in ("address", "day", "names", "adults", "tenure"):
        robin.post(f"{url}/{step}", **answers[step])
    assert "cannot work out an estimate" in robin.get(f"{url}/check")


def test_the_new_address_is_shown_to_who_gave_it_alone(ada: Resident, ben: Resident, told: Opens, works: Works) -> None:
    where = send(ada, OUT, out())
    works()
    case = where.rpartition("/")[2]
    secret = "9 Secret Street"
    sent_to = (secret, "Leeds", "LS1 1AA")
    told.bills_told["b-1"] = told.bills_told["b-1"].model_copy(update={"kind": "final", "send_to": sent_to})
    closes(told)
    paths = ["", "/bills", "/bills/b-1", "/people", "/statement", "/moving/out"]
    for page in [ben.get(f"{START}/accounts/{REFERENCE}{path}") for path in paths]:
        assert secret not in page
    ben.get(where, status=404)
    ben.get(f"/cases/{case}", status=404)
    assert secret in ada.get(f"/cases/{case}")
    assert secret in ada.get(f"{START}/accounts/{REFERENCE}/bills/b-1")


def test_the_facts_of_a_case_are_words(robin: Resident, told: Opens) -> None:
    where = send(robin, IN, into())
    page = robin.get(f"/cases/{where.rpartition('/')[2]}")
    for words in ("2 Larkspur Lane, Marlowe, W6 9JU", "14 September 2026", "Kim Lark", "Rented"):
        assert words in page
    assert "move_in" not in page


def test_another_persons_move_looks_like_none(ada: Resident, ben: Resident, robin: Resident, told: Opens) -> None:
    url = up_to(ada, OUT, out())
    for other in (ben, robin):
        other.get(f"{url}/left", status=404)
    robin.get(OUT, status=404)
    robin.get(WITHIN, status=404)
