"""A service that raises, is late or answers nonsense costs its own card and nothing else."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.values import Account
from portal.app import create_app
from portal.db.session import dispose, session
from portal.errors import Unavailable
from portal.home import asking
from portal.kit import Card
from portal.kit.manifest import Service
from portal.registry.discovery import Mounted, discover, load
from portal.registry.mount import mounted
from tests.support.people import sign_in, someone
from tests.support.services.libraries.service import behave, nothing, well
from tests.support.settings import settings_for

BUDGET_MS = 300


@pytest.fixture(scope="module")
def crowded(database_url: str) -> Iterator[Flask]:
    """The portal with two services of the tests beside the real ones."""
    extra = [load(f"tests.support.services.{name}") for name in ("allotments", "libraries")]
    app = create_app(settings_for(database_url, home_budget_ms=BUDGET_MS), services=[*discover(), *extra])
    app.testing = True
    yield app
    with app.app_context():
        dispose()


@pytest.fixture
def home(crowded: Flask, clean_database: str) -> Iterator[FlaskClient]:
    """A resident's browser."""
    client = crowded.test_client()
    sign_in(crowded, client, someone(crowded))
    yield client
    behave.cards, behave.last_cards = well, nothing


def mounted_in(app: Flask) -> Sequence[Mounted]:
    with app.app_context():
        return mounted()


def raises(error: BaseException) -> Callable[[Account], Sequence[Card]]:
    def cards_of(_account: Account) -> Sequence[Card]:
        raise error

    return cards_of


def others_are_there(page: str) -> bool:
    return "Plot 12" in page and 'id="service-reporting"' in page


def test_home_shows_the_cards_of_every_service_and_their_activity(home: FlaskClient) -> None:
    page = home.get("/home").text
    assert others_are_there(page)
    assert "2 books" in page
    assert "You paid your rent" in page


@pytest.mark.parametrize("error", [RuntimeError("private words"), Unavailable("down"), ZeroDivisionError()])
def test_a_service_that_raises_costs_only_its_card(home: FlaskClient, error: Exception) -> None:
    behave.cards = raises(error)
    answer = home.get("/home")
    assert answer.status_code == 200
    assert others_are_there(answer.text)
    assert "We cannot reach this service just now." in answer.text
    assert "private words" not in answer.text


def test_the_page_holds_no_connection_while_it_waits_for_the_services(
    home: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    def look(*_arguments: Any, **_options: Any) -> None:
        held.append(session().in_transaction())

    monkeypatch.setattr(asking, "wait", look)
    home.get("/home")
    assert held == [False]


@pytest.mark.parametrize("nonsense", [None, 7, ["text"], [None], "text"])
def test_a_service_that_answers_nonsense_costs_only_its_card(home: FlaskClient, nonsense: Any) -> None:
    behave.cards = lambda account: nonsense
    answer = home.get("/home")
    assert answer.status_code == 200
    assert others_are_there(answer.text)
    assert "Not available" in answer.text


def test_a_late_service_is_not_waited_for(home: FlaskClient) -> None:
    released = threading.Event()

    def late(_account: Account) -> Sequence[Card]:
        released.wait(10)
        return []

    behave.cards = late
    start = time.monotonic()
    answer = home.get("/home")
    taken = time.monotonic() - start
    released.set()
    assert others_are_there(answer.text)
    assert "We cannot reach this service just now." in answer.text
    assert taken < BUDGET_MS / 1000 + 1.5


def old_card(_account: Account) -> Sequence[Card]:
    return [Card(title="3 books", url="/services/libraries/", as_of_at=datetime(2026, 4, 1, 8, 30, tzinfo=UTC))]


@pytest.mark.parametrize("error", [RuntimeError("private words"), Unavailable("down")], ids=["broken", "down"])
def test_what_was_known_before_stands_in_with_its_time(home: FlaskClient, error: Exception) -> None:
    behave.cards, behave.last_cards = raises(error), old_card
    page = home.get("/home").text
    assert others_are_there(page)
    assert "3 books" in page
    assert "This was so on 1 April 2026 at 9:30am" in page
    assert "Not available" not in page
    assert "data-late" not in page


def test_a_service_that_fails_twice_costs_its_card_alone(home: FlaskClient) -> None:
    behave.cards = behave.last_cards = raises(RuntimeError("private words"))
    page = home.get("/home").text
    assert others_are_there(page)
    assert "Not available" in page


def test_a_late_service_can_be_asked_for_again(home: FlaskClient) -> None:
    released = threading.Event()

    def late(account: Account) -> Sequence[Card]:
        released.wait(10)
        return well(account)

    behave.cards, behave.last_cards = late, old_card
    page = home.get("/home").text
    assert 'data-late="/home/cards/libraries"' in page
    assert "3 books" in page
    released.set()
    part = home.get("/home/cards/libraries")
    assert part.status_code == 200
    assert "2 books" in part.text
    assert "This was so on" not in part.text
    assert 'aria-labelledby="service-libraries"' in part.text
    assert home.get("/home/cards/none").status_code == 404


def test_a_service_that_answers_is_late_for_nobody_however_many_come_at_once(crowded: Flask, home: FlaskClient) -> None:
    together, late = threading.Barrier(8), list[bool]()
    services = [each for each in mounted_in(crowded) if each.slug == "libraries"]
    who = someone(crowded)

    def slow(_service: Service, _account: Account) -> int:
        time.sleep(0.1)
        return 1

    def look() -> None:
        with crowded.test_request_context("/"):
            together.wait()
            late.extend(each.late for each in asking.ask_all(services, who, {}, slow, seconds=5))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert late == [False] * 8


def test_a_service_that_hangs_keeps_a_few_threads_at_most(
    crowded: Flask, home: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = 2
    places = crowded.extensions[asking.EXTENSION].places
    monkeypatch.setitem(places, "libraries", threading.BoundedSemaphore(few))
    released = threading.Event()
    asked = 0

    def hang(_account: Account) -> Sequence[Card]:
        nonlocal asked
        asked += 1
        released.wait(20)
        return []

    behave.cards = hang
    for _ in range(few + 3):
        assert others_are_there(home.get("/home").text)
    assert asked == few
    released.set()
    behave.cards = well
    deadline = time.monotonic() + 10
    while "2 books" not in home.get("/home").text:
        assert time.monotonic() < deadline, "the service is not asked again after it came back"


def test_a_card_cannot_smuggle_markup(home: FlaskClient) -> None:
    behave.cards = lambda account: [Card(title="<script>x()</script>", text="<b>bold</b>", url="/services/libraries/")]
    page = home.get("/home").text
    assert "<script>x()" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
