"""Limits and codes hold when many requests come at once, and to two workers."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.app import create_app
from portal.db.session import dispose, session
from portal.joining.attempting import try_to_join
from portal.joining.codes import join_by_code
from portal.joining.drafts import JoinDraft
from portal.joining.kinds import EXTENSION, get_kind
from portal.joining.letters import ask_for_letter, write_letters
from tests.integration.joining.test_codes import desk_code
from tests.integration.joining.walking import NOBODYS, POSTCODE, SHARED, WITH_FACTS
from tests.support.people import someone
from tests.support.records import KIND, SERVICE, TownHall, letters_written
from tests.support.residents import Resident
from tests.support.settings import settings_for

MANY = 20


@pytest.fixture(scope="module")
def _other(database_url: str) -> Iterator[Flask]:
    app = create_app(settings_for(database_url, demo=True))
    app.testing = True
    yield app
    with app.app_context():
        dispose()


@pytest.fixture
def workers(app: Flask, _other: Flask, hall: TownHall) -> list[Flask]:
    """Two portals on one database, and one council's system behind both."""
    _other.extensions[EXTENSION][SERVICE, KIND] = app.extensions[EXTENSION][SERVICE, KIND]
    return [app, _other]


def at_once(workers: list[Flask], act: Callable[[int], str]) -> list[str]:
    """What each of many requests came to, half of them at each worker."""
    ends: list[str] = []
    barrier = threading.Barrier(MANY)

    def run(number: int) -> None:
        with workers[number % 2].test_request_context("/"):
            barrier.wait()
            ends.append(act(number))
            session().commit()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(MANY)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(ends) == MANY
    return ends


def guess(account: Account, reference: str) -> str:
    draft = JoinDraft(reference=reference, name="Nobody Here", postcode=POSTCODE)
    return try_to_join(account, get_kind(SERVICE, KIND), draft).end


def test_one_account_tries_five_times_an_hour_however_it_tries(
    app: Flask, workers: list[Flask], hall: TownHall
) -> None:
    eve = someone(app, "Eve")
    ends = at_once(workers, lambda number: guess(eve, f"800900{number:02}"))
    assert sorted(set(ends)) == ["not_matched", "too_many"]
    assert (ends.count("not_matched"), len(hall.asked)) == (5, 5)


@pytest.mark.parametrize("reference", [SHARED, NOBODYS], ids=["somebody's", "nobody's"])
def test_one_reference_is_tried_ten_times_a_day_whoever_tries(
    app: Flask, workers: list[Flask], hall: TownHall, reference: str
) -> None:
    people = [someone(app, f"Guesser{number}") for number in range(MANY)]
    ends = at_once(workers, lambda number: guess(people[number], reference))
    assert (ends.count("not_matched"), ends.count("too_many"), len(hall.asked)) == (10, 10, 10)


def test_a_code_joins_one_of_many_who_enter_it_at_once(app: Flask, workers: list[Flask]) -> None:
    code = desk_code(app)
    people = [someone(app, f"Quick{number}") for number in range(MANY)]

    def enter(number: int) -> str:
        tried = join_by_code(people[number], code)
        return tried.end if tried is not None else "no code"

    ends = at_once(workers, enter)
    assert (ends.count("joined"), ends.count("no code")) == (1, MANY - 1)


def test_two_workers_write_one_letter(app: Flask, workers: list[Flask], ada: Resident) -> None:
    draft = replace(JoinDraft(name="Carys Tester", postcode=POSTCODE), reference=WITH_FACTS)
    with app.test_request_context("/"):
        assert ask_for_letter(ada.account, get_kind(SERVICE, KIND), draft) is None
        session().commit()

    def write_all(_number: int) -> str:
        write_letters()
        return "done"

    at_once(workers, write_all)
    assert len(letters_written(app)) == 1
