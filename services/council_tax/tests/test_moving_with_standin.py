"""Moving over HTTP: what the page estimates, the stand-in bills; what it opens is joined; one move is one."""

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeVar

import pytest
from flask import Flask

from portal.kit import get_case, joined_records, protect, session
from services.council_tax.backoffice.client import system
from services.council_tax.backoffice.values import Account, Bill
from services.council_tax.operations import settling
from services.council_tax.queries import published
from services.council_tax.queries.moving import NewHome, OldHome, new_home, old_home
from services.council_tax.tests.conftest import START, Joins, Works
from services.council_tax.tests.connected import connected_to, in_another_process
from services.council_tax.tests.moving import IN, into, on, out, send, up_to, within
from services.council_tax.tests.playing import SECRET, TODAY, Home, Playing
from tests.support.fixtures import Clock
from tests.support.office import sweep_deliveries
from tests.support.residents import Resident

T = TypeVar("T")


@pytest.fixture
def connected(app: Flask, standin: Playing, at: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Playing]:
    """The stand-in, to which the portal's settings lead, on the day that it takes for today."""
    at.move_to(f"{TODAY}T09:00")
    monkeypatch.setattr(published, "_kept", {})
    with connected_to(app, standin.url, SECRET):
        yield standin


Looks = Callable[[Callable[[], T]], T]


@pytest.fixture
def look(app: Flask) -> Looks[Any]:
    """Asks something of the portal, in a context of its own: browsers must not share one."""

    def ask(question: Callable[[], T]) -> T:
        with app.app_context():
            return question()

    return ask


def bills_of(person: str, reference: str) -> list[Bill]:
    """The newest bill of each year, the earliest year first."""
    lines = sorted(system().bills(person, reference), key=lambda one: one.year)
    return [system().bill(person, next(years).id) for _year, years in itertools.groupby(lines, lambda one: one.year)]


@pytest.mark.parametrize(
    ("moved_on", "adults"),
    [
        pytest.param(date(2026, 11, 23), 2, id="today"),
        pytest.param(date(2026, 9, 14), 1, id="alone"),
        pytest.param(date(2026, 4, 1), 3, id="the first day of the year"),
        pytest.param(date(2026, 2, 20), 1, id="in the year before"),
        pytest.param(date(2027, 2, 15), 2, id="ahead"),
        pytest.param(date(2026, 12, 31), 20, id="many"),
    ],
)
def test_the_estimate_of_a_new_home_is_what_is_billed(
    context: Flask, connected: Playing, moved_on: date, adults: int
) -> None:
    dwelling = next(connected.homes)
    estimate = new_home(dwelling.band, moved_on, adults)
    assert isinstance(estimate, NewHome)
    move = {"kind": "move_in", "uprn": dwelling.uprn, "moved_on": moved_on.isoformat(), "names": ["A One"]}
    body = {"reference": "", "change": move | {"adults": adults, "tenure": "tenant", "asker": "A One"}}
    said = connected.post("/changes", body)
    assert said["balance"] == estimate.pence
    found = bills_of(said["person_id"], said["reference"])
    assert [(each.year, each.charge) for each in found] == [
        (each.year, each.arriving.charge.pence) for each in estimate.begun
    ]
    assert [[(due.due_on, due.pence) for due in each.instalments] for each in found] == [
        [(due.on, due.pence) for due in each.arriving.dues] for each in estimate.begun
    ]


@pytest.mark.parametrize(
    ("since", "left_on", "adults", "paid"),
    [
        pytest.param("2026-04-01", date(2026, 11, 23), 2, 0, id="nothing paid"),
        pytest.param("2026-04-01", date(2026, 8, 17), 1, 90_000, id="a credit"),
        pytest.param("2026-05-20", date(2027, 1, 10), 1, 20_000, id="part of a year"),
        pytest.param("2025-06-01", date(2026, 3, 10), 2, 50_000, id="in the year before"),
        pytest.param("2025-06-01", date(2026, 4, 1), 1, 50_000, id="the first day of the year"),
    ],
)
def test_the_estimate_of_the_last_bill_is_what_is_billed(
    context: Flask, connected: Playing, joins: Joins, since: str, left_on: date, adults: int, paid: int
) -> None:
    home = connected.opens("Ada Tester", on=since, adults=adults)
    connected.behave(today=TODAY)
    if paid:
        connected.pay(home, paid)
    ada = joins("Ada", home.person, home.reference)
    estimate = old_home(ada.account, home.reference, left_on)
    assert isinstance(estimate, OldHome)
    said = connected.change(home, "move_out", moved_on=left_on.isoformat(), forwarding=["1 Far Away"])
    assert said["balance"] == estimate.left
    assert connected.account(home)["balance"] == estimate.to_pay - estimate.credit


def free(connected: Playing, **other: Any) -> dict[str, Any]:
    """The answers about a new home that nobody lives in."""
    dwelling = next(connected.homes)
    return into(
        **{
            "postcode": {"postcode": dwelling.postcode},
            "address": {"address": dwelling.uprn},
            "day": on(date(2026, 11, 20)),
            "names": {"names": "Robin Tester"},
            "adults": {"adults": "1"},
            **other,
        }
    )


def joined(resident: Resident) -> list[tuple[str, str]]:
    """Reference and person of each account that somebody has joined."""
    return [(each.key, each.person_key) for each in joined_records(resident.account, "council_tax")]


def status(resident: Resident, where: str) -> str:
    """How far a move is."""
    return get_case(resident.account.id, where.rpartition("/")[2]).status


def pages(home: Home, which: str) -> str:
    """Where a move from this home begins."""
    return f"{START}/accounts/{home.reference}/moving/{which}"


def test_who_moves_in_opens_the_account_and_sees_it(
    connected: Playing, look: Looks[Any], robin: Resident, works: Works
) -> None:
    where = send(robin, IN, free(connected))
    works()
    assert look(lambda: status(robin, where)) == "done"
    ((reference, person),) = look(lambda: joined(robin))
    account: Account = look(lambda: system().account(person, reference))
    assert [each.name for each in account.people] == ["Robin Tester"]
    assert [each.code for each in account.adjustments] == ["single_person"]
    assert "Your council tax" in robin.get(f"{START}/accounts/{reference}")


def test_who_moves_within_has_both_accounts(connected: Playing, look: Looks[Any], joins: Joins, works: Works) -> None:
    home = connected.opens("Ada Tester", on="2026-04-01")
    connected.pay(home, 500_000)
    ada = joins("Ada", home.person, home.reference)
    answers = {"left": on(date(2026, 11, 20)), **free(connected, names={"names": "Ada Tester"})}
    url = up_to(ada, pages(home, "within"), answers)
    assert "Credit that goes to the new home" in ada.get(f"{url}/check")
    where = str(ada.post(f"{url}/check").location)
    works()
    assert look(lambda: status(ada, where)) == "done"
    assert [person for _reference, person in look(lambda: joined(ada))] == [home.person, home.person]
    assert connected.account(home)["closed_on"] == "2026-11-20"


def test_one_who_moves_out_of_two_is_with_an_officer(
    connected: Playing, look: Looks[Any], joins: Joins, works: Works
) -> None:
    home = connected.opens("Cleo Tester", "Dan Tester", on="2026-04-01")
    cleo = joins("Cleo", home.person, home.reference)
    where = send(cleo, pages(home, "out"), out(who={"who": "me"}, left=on(date(2026, 11, 20))))
    works()
    assert look(lambda: status(cleo, where)) == "with_officer"
    assert connected.account(home)["closed_on"] is None


def test_two_people_who_move_the_same_account_make_one_move(
    connected: Playing, app: Flask, look: Looks[Any], joins: Joins, at: Clock, works: Works
) -> None:
    home = connected.opens("Cleo Tester", "Dan Tester", on="2026-04-01")
    people = connected.account(home)["people"]
    cleo, dan = (joins(name, person["id"], home.reference) for name, person in zip("CD", people, strict=True))
    answers = out(left=on(date(2026, 11, 20)))
    first, second = (send(each, pages(home, "out"), answers) for each in (cleo, dan))  # the system has neither yet
    works()
    assert look(lambda: (status(cleo, first), status(dan, second))) == ("with_officer", "with_officer")
    officer_decides(connected, app, at, works)
    ends = look(lambda: {status(cleo, first): (cleo, first), status(dan, second): (dan, second)})
    assert set(ends) == {"done", "refused"}
    refused, where = ends["refused"]
    assert "has told us of a move already" in refused.get(f"/cases/{where.rpartition('/')[2]}")
    assert "The account ends on 20 November 2026" in dan.get(pages(home, "out"))


def officer_decides(connected: Playing, app: Flask, at: Clock, works: Works) -> None:
    """What waits for an officer is accepted, and the portal asks what became of it."""
    connected.behave(officer_minutes=0)
    at.advance(minutes=20)
    with app.app_context():
        settling.follow()
        session().commit()
    works()


def test_a_move_in_waits_while_the_system_is_down_and_is_then_done_once(
    connected: Playing, app: Flask, look: Looks[Any], robin: Resident, at: Clock, works: Works
) -> None:
    url = up_to(robin, IN, free(connected))
    connected.behave(answers="down")
    where = str(robin.post(f"{url}/check").location)
    works()
    assert look(lambda: (status(robin, where), joined(robin))) == ("waiting", [])
    connected.behave()
    with app.app_context():
        in_another_process()
        at.advance(minutes=2)
        sweep_deliveries()
    assert look(lambda: status(robin, where)) == "done"
    assert len(look(lambda: joined(robin))) == 1


def test_both_of_two_move_within_and_both_homes_are_estimated(connected: Playing, joins: Joins) -> None:
    home = connected.opens("Ada Tester", "Ben Tester", on="2026-04-01")
    ada = joins("Ada", home.person, home.reference)
    told = free(connected, names={"names": "Ada Tester\nBen Tester"}, adults={"adults": "2"})
    answers = {**within(), **told, "left": on(date(2026, 11, 18))}
    page = ada.get(f"{up_to(ada, pages(home, 'within'), answers)}/check")
    for words in ("Estimate for the old home", "Estimate for the new home", "18 November 2026", "20 November 2026"):
        assert words in page


def test_who_moves_into_a_home_with_somebody_in_it_has_the_account_once_that_has_ended(
    connected: Playing, app: Flask, look: Looks[Any], robin: Resident, at: Clock, works: Works
) -> None:
    sitting = connected.opens("Last Tenant")
    taken = connected.account(sitting)["property"]
    told = free(connected, postcode={"postcode": taken["postcode"]}, address={"address": taken["uprn"]})
    where = send(robin, IN, told)
    works()
    officer_decides(connected, app, at, works)
    assert look(lambda: (status(robin, where), joined(robin))) == ("with_officer", [])
    connected.change(sitting, "move_out", moved_on="2026-11-19", forwarding=[])
    officer_decides(connected, app, at, works)
    assert look(lambda: status(robin, where)) == "done"
    assert len(look(lambda: joined(robin))) == 1


def test_who_is_protected_stays_so_when_they_move_in_elsewhere_later(
    connected: Playing, app: Flask, look: Looks[Any], joins: Joins, works: Works
) -> None:
    home = connected.opens("Robin Tester", on="2026-04-01")
    robin = joins("Robin", home.person, home.reference)
    connected.change(home, "move_out", moved_on="2026-11-01", forwarding=[])
    with app.app_context():
        protect("council_tax", "account", home.reference, protected=True, actor="system:tests")
        session().commit()
    send(robin, IN, free(connected))
    works()
    assert look(lambda: {each.protected for each in joined_records(robin.account, "council_tax")}) == {True}
    assert {person for _reference, person in look(lambda: joined(robin))} == {home.person}
