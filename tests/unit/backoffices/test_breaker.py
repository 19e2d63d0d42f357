"""The circuit breaker: when it opens, whom it lets through, and that it closes again."""

import threading

import pytest

from portal.backoffices.breaker import Breaker


class Time:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def breaker(time: Time) -> Breaker:
    return Breaker(opens_after=3, rests=30, now=time)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        assert breaker.admits()
        breaker.failed()


def test_it_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert breaker.state == "closed"
    assert breaker.admits()
    assert breaker.failed()
    assert breaker.state == "open"
    assert not breaker.admits()


def test_a_success_between_begins_the_count_anew(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert not breaker.succeeded()
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_one_call_finds_out_whether_the_office_is_back(breaker: Breaker, time: Time) -> None:
    fail(breaker, 3)
    time.seconds += 29.9
    assert not breaker.admits()
    time.seconds += 0.2
    assert breaker.admits()
    assert breaker.state == "half_open"
    assert not breaker.admits(), "a second one does not go along"
    assert breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.admits()


def test_a_failed_probe_opens_it_for_as_long_again(breaker: Breaker, time: Time) -> None:
    fail(breaker, 3)
    time.seconds += 30
    assert breaker.admits()
    assert not breaker.failed(), "it was open already"
    assert breaker.state == "open"
    time.seconds += 29
    assert not breaker.admits()
    time.seconds += 1
    assert breaker.admits()


def test_a_probe_that_never_says_how_it_went_keeps_nobody_out_for_ever(breaker: Breaker, time: Time) -> None:
    fail(breaker, 3)
    time.seconds += 30
    assert breaker.admits()
    time.seconds += 30
    assert breaker.admits()


def test_a_late_failure_of_a_call_from_before_does_not_keep_it_open_longer(breaker: Breaker, time: Time) -> None:
    assert breaker.admits()
    fail(breaker, 3)
    time.seconds += 20
    breaker.failed()
    time.seconds += 10
    assert breaker.admits()


def test_of_many_threads_one_is_the_probe(breaker: Breaker, time: Time) -> None:
    fail(breaker, 3)
    time.seconds += 30
    let_through: list[bool] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        let_through.append(breaker.admits())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(let_through) == [False] * 7 + [True]


def test_one_thing_that_is_broken_counts_once_and_many_open_it(breaker: Breaker) -> None:
    for _ in range(9):
        assert not breaker.failed("/one")
    assert breaker.state == "closed"
    assert not breaker.failed("/two")
    assert breaker.failed("/three")
    assert breaker.state == "open"
