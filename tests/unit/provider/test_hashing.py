"""Slow work has a thread of low priority, and no more requests wait for it than there is room for."""

import os
import threading
import warnings
from collections.abc import Iterator

import pytest

from portal.errors import Unavailable
from portal.provider import hashing
from portal.provider.hashing import slowly, turn

NORMAL_ROOM = 6


@pytest.fixture(autouse=True)
def _room() -> Iterator[None]:
    yield
    hashing.let_wait(NORMAL_ROOM)


def in_threads(count: int, act: object, *args: object) -> list[object]:
    """What each of so many calls at once came to: its result or its error."""
    found: list[object] = []

    def call() -> None:
        try:
            found.append(slowly(act, *args))  # type: ignore[arg-type]  # whatever the test gives
        except Unavailable as error:
            found.append(error)

    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_the_result_and_the_error_come_back() -> None:
    assert slowly(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        slowly(divmod, 7, 0)


def test_no_more_run_at_once_than_there_are_turns() -> None:
    running, most, lock = 0, 0, threading.Lock()
    meet = threading.Event()

    def watched() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        meet.wait(0.02)
        with lock:
            running -= 1

    hashing.let_wait(12)
    assert in_threads(12, watched) == [None] * 12
    assert most == hashing.TURNS


def test_whoever_comes_when_the_room_is_full_is_told_at_once() -> None:
    hashing.let_wait(3)
    gate = threading.Event()
    threading.Timer(0.1, gate.set).start()
    found = in_threads(10, gate.wait)
    assert found.count(True) == 3
    assert sum(isinstance(each, Unavailable) for each in found) == 7
    assert slowly(len, "afterwards") == 10


def test_whoever_waits_too_long_is_told_too_and_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "WAIT_SECONDS", 0.02)
    monkeypatch.setattr(hashing, "_turns", threading.BoundedSemaphore(1))
    hashing.let_wait(2)
    with turn():
        assert [type(each) for each in in_threads(1, len, "late")] == [Unavailable]
    assert in_threads(2, len, "afterwards") == [10, 10]


def test_a_turn_within_a_turn_is_the_same() -> None:
    hashing.let_wait(1)
    with turn(), turn():
        assert slowly(len, "four") == 4
    with pytest.raises(ZeroDivisionError), turn():
        slowly(divmod, 7, 0)
    assert slowly(len, "four") == 4


def test_the_threads_step_back_behind_those_that_serve_pages() -> None:
    ours = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    theirs = slowly(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    assert theirs == ours + hashing.NICENESS


def test_a_forked_process_has_threads_of_its_own() -> None:
    slowly(len, "the parent has started its threads")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # later Pythons warn of forks with threads: the very case
        child = os.fork()
    if child == 0:
        os._exit(0 if slowly(len, "four") == 4 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
