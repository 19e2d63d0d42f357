"""Visitors' cars: started and stopped on a page, never two at once where the rules forbid it, a balance never below
zero."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from portal.kit import NotFound, Refused, TooMany, clock, session
from services.permits.models.permits import Permit
from services.permits.models.visitors import VisitorBalance, VisitorSession
from services.permits.operations import visits as operations
from services.permits.operations.visits import lengthen_visit, start_visit, stop_visit
from services.permits.queries import visits as queries
from services.permits.rules.visit_prices import Span, VisitPrices
from services.permits.tests import parked
from services.permits.tests.people import resident
from services.permits.tests.visiting import NOON, left, start, with_hours
from tests.support.residents import Resident

ONE_AT_A_TIME = VisitPrices(spans=(Span(60, 160),), at_once=1)


@pytest.fixture
def opened(app: Flask) -> Iterator[Flask]:
    """The portal with its context open."""
    with app.app_context():
        yield app


@pytest.fixture
def ada(opened: Flask) -> Resident:
    """Somebody with visitor parking and ten hours."""
    return with_hours(resident(opened, "Ada"), 10)


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A council that lets one visitor at a time."""
    monkeypatch.setattr(operations, "visit_prices", lambda: ONE_AT_A_TIME)


def test_a_car_is_started_and_its_hours_come_off_the_balance(ada: Resident, at: Any) -> None:
    at.move_to(NOON)
    visit = start(ada)
    assert (visit.vrm, visit.car, visit.minutes) == ("AB12CDE", "AB12 CDE", 120)
    assert visit.ends_at == clock.now() + timedelta(hours=2)
    assert left(ada) == 480


def test_the_same_press_twice_starts_one_car(ada: Resident) -> None:
    key = uuid4()
    assert start(ada, key=key) == start(ada, key=key)
    assert left(ada) == 480


def test_anothers_key_starts_nothing_of_theirs(ada: Resident, opened: Flask) -> None:
    key = uuid4()
    start(ada, key=key)
    ben = with_hours(resident(opened, "Ben"), 1, uprn="900000000002")
    with pytest.raises(IntegrityError):
        start_visit(ben.account, registration="XY34ZZZ", hours=1, key=key)
    session().rollback()
    assert left(ben) == 60


@pytest.mark.parametrize(
    ("after", "used"),
    [(0, 60), (1, 60), (60, 60), (61, 120), (119, 120), (121, 180), (600, 180)],
    ids=lambda minutes: str(minutes),
)
def test_stopping_gives_back_the_hours_that_were_not_begun(ada: Resident, at: Any, after: int, used: int) -> None:
    at.move_to(NOON)
    visit = start(ada, hours=3)
    at.advance(minutes=after)
    stopped = stop_visit(ada.account, visit_id=visit.id)
    session().commit()
    assert stopped.minutes == used
    assert left(ada) == 600 - used
    assert not queries.get_visit(ada.account, visit.id).ends_at > max(
        clock.now(), visit.began_at + timedelta(seconds=1)
    )


def test_stopping_twice_is_stopping_once(ada: Resident, at: Any) -> None:
    at.move_to(NOON)
    visit = start(ada, hours=3)
    at.advance(minutes=10)
    first = stop_visit(ada.account, visit_id=visit.id)
    at.advance(minutes=70)
    assert stop_visit(ada.account, visit_id=visit.id) == first
    assert left(ada) == 540


def test_a_car_that_was_stopped_can_be_started_again_at_once(ada: Resident, at: Any) -> None:
    at.move_to(NOON)
    visit = start(ada)
    at.advance(seconds=20)
    stop_visit(ada.account, visit_id=visit.id)
    at.advance(seconds=1)
    start(ada)
    assert left(ada) == 600 - 60 - 120


def test_a_visit_is_made_longer_once_however_often_it_is_pressed(ada: Resident, at: Any) -> None:
    at.move_to(NOON)
    visit = start(ada, hours=1)
    for _ in range(2):
        longer = lengthen_visit(ada.account, visit_id=visit.id, ends_at=visit.ends_at)
        session().commit()
    assert longer.ends_at == visit.ends_at + timedelta(hours=1)
    assert left(ada) == 480


def test_a_visit_is_not_made_longer_when_its_time_is_up_or_nothing_is_left(ada: Resident, at: Any) -> None:
    at.move_to(NOON)
    visit = start(ada, hours=9)
    longer = lengthen_visit(ada.account, visit_id=visit.id, ends_at=visit.ends_at)
    with pytest.raises(Refused, match="hours left"):
        lengthen_visit(ada.account, visit_id=visit.id, ends_at=longer.ends_at)
    at.advance(hours=11)
    with pytest.raises(Refused, match="time of AB12 CDE is up"):
        lengthen_visit(ada.account, visit_id=visit.id, ends_at=longer.ends_at)


def test_no_visit_is_longer_than_the_longest(ada: Resident, at: Any) -> None:
    session().execute(update(VisitorBalance).values(minutes=3000))
    session().commit()
    with pytest.raises(Refused, match="from 1 to 24"):
        start(ada, hours=25)
    visit = start(ada, hours=24)
    with pytest.raises(Refused, match="cannot stay longer"):
        lengthen_visit(ada.account, visit_id=visit.id, ends_at=visit.ends_at)


def test_what_is_not_on_the_balance_cannot_be_used(ada: Resident) -> None:
    with pytest.raises(Refused, match="enough hours"):
        start(ada, hours=11)
    assert left(ada) == 600
    start(ada, hours=10)
    assert left(ada) == 0


def test_one_car_is_not_started_twice_nor_where_it_may_park_anyway(ada: Resident, opened: Flask) -> None:
    start(ada)
    ben = with_hours(resident(opened, "Ben"), 5, uprn="900000000002")
    for who in (ada, ben):
        with pytest.raises(Refused, match="may park there already"):
            start(who)
    parked.permit(ben.account, "XY34ZZZ")
    with pytest.raises(Refused, match="may park there already"):
        start(ada, "XY34 ZZZ")
    assert (left(ada), left(ben)) == (480, 300)


@pytest.mark.usefixtures("one_at_a_time")
def test_a_home_has_no_more_cars_at_once_than_the_rules_allow(ada: Resident, opened: Flask, at: Any) -> None:
    at.move_to(NOON)
    first = start(ada)
    with pytest.raises(Refused, match="Only 1 visitor’s car"):
        start(ada, "XY34ZZZ")
    carys = with_hours(resident(opened, "Carys"), 5)  # of the same home
    with pytest.raises(Refused, match="Only 1 visitor’s car"):
        start(carys, "XY34ZZZ")
    ben = with_hours(resident(opened, "Ben"), 5, uprn="900000000002")
    start(ben, "LB68BEN")
    at.advance(minutes=5)
    stop_visit(ada.account, visit_id=first.id)
    session().commit()
    start(carys, "XY34ZZZ")


def test_the_demos_rules_allow_two_cars_at_once(ada: Resident) -> None:
    start(ada, "AB12CDE", hours=1)
    start(ada, "AB12CDF", hours=1)
    with pytest.raises(Refused, match="Only 2 visitors’ cars"):
        start(ada, "AB12CDG", hours=1)


def test_visits_of_a_year_are_counted_for_the_home(
    ada: Resident, opened: Flask, monkeypatch: pytest.MonkeyPatch, at: Any
) -> None:
    few = VisitPrices(spans=(Span(60, 160),), sessions_a_year=2)
    monkeypatch.setattr(operations, "visit_prices", lambda: few)
    at.move_to("2026-01-10T12:00")
    carys = with_hours(resident(opened, "Carys"), 5)
    session().execute(update(Permit).values(valid=Range(date(2026, 1, 1), date(2027, 12, 31))))
    session().commit()
    start(ada, "AB12CDE")
    start(carys, "AB12CDF")
    with pytest.raises(Refused, match="12 months"):
        start(ada, "AB12CDG")
    at.move_to("2027-01-11T12:00")
    start(ada, "AB12CDG")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter the car"),
        ("!!", "Enter the car"),
        ("AB12 CDEFGHIJ", "Enter the car"),
        ("<script>", "Enter the car"),
        ("ABI2CDE", "Did you mean AB12 CDE"),
    ],
    ids=["empty", "signs", "long", "script", "mistaken"],
)
def test_an_impossible_registration_is_refused_with_what_to_do(ada: Resident, typed: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        start(ada, typed)
    assert left(ada) == 600


def test_nothing_is_started_without_visitor_parking(ada: Resident, opened: Flask) -> None:
    ben = resident(opened, "Ben")
    with pytest.raises(NotFound):
        start(ben)
    visit = start(ada)
    for act in (stop_visit, lengthen_visit):
        with pytest.raises(NotFound):
            act(ben.account, visit_id=visit.id, **({"ends_at": visit.ends_at} if act is lengthen_visit else {}))


def test_when_the_permit_is_over_cars_can_be_stopped_and_none_started(ada: Resident) -> None:
    visit = start(ada)
    session().execute(update(Permit).values(status="expired"))
    session().commit()
    with pytest.raises(Refused, match="is over"):
        start(ada, "XY34ZZZ")
    with pytest.raises(Refused, match="is over"):
        lengthen_visit(ada.account, visit_id=visit.id, ends_at=visit.ends_at)
    stop_visit(ada.account, visit_id=visit.id)
    session().commit()
    assert left(ada) == 540


def test_registrations_cannot_be_tried_out_without_end(ada: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_STARTS", 2)
    for _ in range(2):
        with pytest.raises(Refused):
            start(ada, "nonsense!")
    with pytest.raises(TooMany):
        start(ada)


def starting(who: Resident, car: str, hours: int = 1) -> Callable[[], object]:
    """To be done at once with others."""
    return lambda: start_visit(who.account, registration=car, hours=hours, key=uuid4())


def at_once(app: Flask, acts: Sequence[Callable[[], object]]) -> list[object]:
    """Do these in threads of their own, all at the same moment; what each gave or raised."""
    found: list[object] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def act(place: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                found[place] = acts[place]()
                session().commit()
            except Exception as error:  # noqa: BLE001  # whatever it is is what the test looks at
                session().rollback()
                found[place] = error

    threads = [threading.Thread(target=act, args=(place,)) for place in range(len(acts))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def test_ten_at_once_never_take_more_than_there_is(ada: Resident, opened: Flask, monkeypatch: Any) -> None:
    many = VisitPrices(spans=(Span(60, 160),), at_once=50)
    monkeypatch.setattr(operations, "visit_prices", lambda: many)
    acts = [starting(ada, f"AB{n}2CDE", 3) for n in range(10)]
    found = at_once(opened, acts)
    assert len([each for each in found if isinstance(each, queries.Visit)]) == 3
    assert all(isinstance(each, queries.Visit | Refused) for each in found), found
    assert left(ada) == 60


@pytest.mark.parametrize(
    ("car", "said"), [("XY34ZZZ", "in the same moment"), ("AB12CDE", "may park there already")], ids=["lane", "car"]
)
def test_what_only_the_database_saw_is_said_in_words(
    ada: Resident, monkeypatch: pytest.MonkeyPatch, car: str, said: str
) -> None:
    start(ada)
    lane = {"XY34ZZZ": 1, "AB12CDE": 2}[car]
    monkeypatch.setattr(operations, "_find_lane", lambda _home: (lane, 2))
    monkeypatch.setattr(operations, "may_park", lambda *_asked: [])
    with pytest.raises(Refused, match=said):
        start(ada, car)
    session().commit()
    assert left(ada) == 480


@pytest.mark.usefixtures("one_at_a_time")
def test_two_of_one_home_at_the_same_moment_start_one_car(ada: Resident, opened: Flask) -> None:
    carys = with_hours(resident(opened, "Carys"), 5)
    found = at_once(opened, [starting(ada, "AB12CDE"), starting(carys, "XY34ZZZ")])
    assert sorted(type(each).__name__ for each in found) == ["Refused", "Visit"]


def test_two_homes_at_the_same_moment_start_one_car_once(ada: Resident, opened: Flask) -> None:
    ben = with_hours(resident(opened, "Ben"), 5, uprn="900000000002")
    found = at_once(opened, [starting(who, "AB12CDE") for who in (ada, ben)])
    assert sorted(type(each).__name__ for each in found) == ["Refused", "Visit"]
    assert session().scalar(select(func.count()).select_from(VisitorSession)) == 1
    assert left(ada) + left(ben) == 600 + 300 - 60


def test_the_database_itself_holds_the_rules(ada: Resident) -> None:
    (balance,) = session().scalars(select(VisitorBalance))
    now = datetime.fromisoformat("2026-11-24T12:00+00:00")
    parked.visit(balance, "AB12CDE", starts=now, hours=2)
    session().commit()

    def refuses(constraint: str, act: Callable[[], object]) -> None:
        with pytest.raises(IntegrityError) as caught:
            act()
        session().rollback()
        assert constraint in str(caught.value.orig)

    refuses("one_in_a_lane", lambda: parked.visit(balance, "XY34ZZZ", starts=now + timedelta(hours=1)))
    refuses("one_for_a_car", lambda: parked.visit(balance, "AB12CDE", starts=now + timedelta(hours=1), lane=2))
    refuses("minutes", lambda: session().execute(update(VisitorBalance).values(minutes=-1)))
    parked.visit(balance, "AB12CDE", starts=now + timedelta(hours=2))
    session().commit()
