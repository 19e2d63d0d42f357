"""What becomes of deliveries while the office is away, when workers die and when services fail: nothing is lost."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.backoffices import deliveries, sending
from portal.backoffices.values import Hooks, OfficeRefused
from portal.db.session import session
from portal.errors import Unavailable
from tests.support.deliveries import SERVICE, Desk, rows, send, sweep, taken_by, waiting
from tests.support.fixtures import Clock
from tests.support.people import someone
from tests.support.worker import work


def test_an_office_that_is_away_for_a_day_gets_all_in_order_once(ann: Account, desk: Desk, at: Clock) -> None:
    at.move_to("2026-11-22T09:00")
    desk.away = True
    for what in ("first", "second", "third"):
        send(ann, what)
    work()
    for _ in range(24):
        sweep(at, minutes=60)
    assert waiting(ann) == ["first", "second", "third"]
    assert rows()[1].attempts == 0, "who stands behind is not even tried"
    desk.away = False
    sweep(at, minutes=60)
    assert desk.things == ["first", "second", "third"]
    assert len({key for _, key in desk.got}) == 3
    assert waiting(ann) == []
    sweep(at)
    assert len(desk.got) == 3


def test_an_office_that_is_away_is_asked_a_few_times_a_minute_however_much_waits(
    desk: Desk, context: Flask, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-11-22T09:00")
    people = [someone(context, f"Person{number}") for number in range(8)]
    for each in people:
        send(each, f"of {each.display_name}")
    tried: list[str] = []

    def away(payload: Mapping[str, Any], _key: str) -> Mapping[str, Any]:
        tried.append(payload["what"])
        raise Unavailable

    monkeypatch.setattr(Desk, "send", lambda _desk, payload, key: away(payload, key))
    desk_hooks = Hooks({"change": away}, desk.on_delivered, desk.on_undeliverable)
    deliveries.install(context, SERVICE, desk_hooks)
    sweep(at)
    assert len(tried) == sending.STUCK
    deliveries.install(context, SERVICE, Hooks({"change": taken_by(desk)}, desk.on_delivered, desk.on_undeliverable))
    sweep(at)
    assert len(desk.got) == len(people), "all at once when it is back, those that were put off too"


def test_one_that_the_office_chokes_on_holds_up_its_own_resident_alone(
    ann: Account, desk: Desk, context: Flask, at: Clock
) -> None:
    at.move_to("2026-11-22T09:00")
    ben = someone(context, "Ben")
    taken = taken_by(desk)

    def chokes(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        if payload["what"] == "poison":
            raise Unavailable
        answer: Mapping[str, Any] = taken(payload, key)
        return answer

    deliveries.install(context, SERVICE, Hooks({"change": chokes}, desk.on_delivered, desk.on_undeliverable))
    send(ann, "poison")
    send(ann, "behind")
    send(ben, "his")
    work()
    assert desk.things == ["his"]
    assert waiting(ann) == ["poison", "behind"]


def test_an_office_that_is_away_holds_up_nothing_for_another_of_the_same_service(
    ann: Account, desk: Desk, context: Flask, at: Clock
) -> None:
    at.move_to("2026-11-22T09:00")
    taken, away = taken_by(desk), {"lamps"}

    def take(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        if payload["what"].split()[0] in away:
            raise Unavailable
        answer: Mapping[str, Any] = taken(payload, key)
        return answer

    deliveries.install(context, SERVICE, Hooks({"change": take}, desk.on_delivered, desk.on_undeliverable))
    everybody = [ann, *(someone(context, f"Person{number}") for number in range(sending.STUCK))]
    for each in everybody:  # enough to end a sweep of their own line
        send(each, "lamps first", line="lamps")
    send(ann, "roads first", line="roads")
    work()
    assert desk.things == ["roads first"]
    away.add("roads")
    send(ann, "roads second", line="roads")
    send(ann, "lamps second", line="lamps")
    work()
    away.remove("roads")
    sweep(at, minutes=60)
    assert desk.things == ["roads first", "roads second"]
    assert waiting(ann) == ["lamps first", "lamps second"]
    away.clear()
    sweep(at, minutes=60)
    assert sorted(desk.things[2:]) == ["lamps first"] * len(everybody) + ["lamps second"]
    hers = [str(row.id) for row in rows() if (row.account_id, row.line) == (ann.id, "lamps")]
    assert [key for _what, key in desk.got if key in hers] == hers, "in each line the order holds"
    assert waiting(ann) == []


def test_a_worker_that_was_killed_leaves_it_to_the_next_under_the_same_key(
    ann: Account, desk: Desk, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-11-22T09:00")
    kept = send(ann, "move")
    with monkeypatch.context() as killed:
        killed.setattr(sending, "_close", lambda *_, **_more: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            work()
    session().rollback()
    sweep(at)
    assert desk.things == ["move"], "it may still be under way"
    sweep(at, minutes=5)
    assert desk.got == [("move", str(kept.id))] * 2
    assert len(desk.delivered) == 1


def test_two_workers_do_not_send_the_same_at_once(ann: Account, desk: Desk) -> None:
    kept = send(ann, "move")
    assert sending.attempt(kept.id) is sending.Outcome.DONE
    assert sending.attempt(kept.id) is sending.Outcome.NOT_OURS


def test_a_second_worker_leaves_one_alone_that_is_under_way(ann: Account, desk: Desk, context: Flask) -> None:
    kept = send(ann, "move")
    seen: list[sending.Outcome] = []

    def meanwhile(_payload: Mapping[str, Any], _key: str) -> Mapping[str, Any]:
        seen.append(sending.attempt(kept.id))
        return {}

    deliveries.install(context, SERVICE, Hooks({"change": meanwhile}, desk.on_delivered, desk.on_undeliverable))
    assert sending.attempt(kept.id) is sending.Outcome.DONE
    assert seen == [sending.Outcome.NOT_OURS]


def test_a_fault_of_ours_is_tried_again_later_and_longer_each_time(ann: Account, desk: Desk, at: Clock) -> None:
    at.move_to("2026-11-22T09:00")
    desk.failures = [KeyError("x"), KeyError("x")]
    send(ann, "move")
    work()
    sweep(at, minutes=1)
    sweep(at, minutes=1)
    assert desk.got == [], "two minutes after the second try"
    sweep(at, minutes=1)
    assert desk.things == ["move"]
    hours = [sending.wait_after(number).total_seconds() / 3600 for number in (1, 6, 7, 8, 100)]
    assert hours == [1 / 60, 32 / 60, 1, 1, 1]


def test_what_always_fails_holds_up_nobody_for_long_and_has_an_end(ann: Account, desk: Desk, at: Clock) -> None:
    at.move_to("2026-11-22T09:00")
    desk.failures = [ValueError("x")] * sending.STEPS_ASIDE
    poison = send(ann, "poison")
    send(ann, "behind")
    work()
    for _ in range(sending.STEPS_ASIDE - 1):
        assert desk.things == []
        sweep(at, minutes=20)
    assert desk.things == ["behind"]
    desk.failures = [ValueError("x")] * sending.GIVES_UP
    for _ in range(sending.GIVES_UP):
        sweep(at, minutes=61)
    assert [(each.id, reason) for each, reason in desk.refused] == [(poison.id, "failed")]
    assert waiting(ann) == []


def test_it_ends_even_if_the_service_cannot_take_that_in(
    ann: Account, desk: Desk, at: Clock, monkeypatch: pytest.MonkeyPatch, context: Flask
) -> None:
    def chokes(*_anything: object) -> Any:
        raise KeyError("x")

    at.move_to("2026-11-22T09:00")
    monkeypatch.setattr(sending, "GIVES_UP", 2)
    deliveries.install(context, SERVICE, Hooks({"change": taken_by(desk)}, chokes, chokes))
    send(ann, "move")
    work()
    sweep(at, minutes=2)
    assert waiting(ann) == []
    assert [(row.state, row.sealed) for row in rows()] == [("undeliverable", None)]


def test_when_the_service_cannot_follow_the_answer_it_is_asked_for_again(ann: Account, desk: Desk, at: Clock) -> None:
    at.move_to("2026-11-22T09:00")
    desk.trouble = [KeyError("x")]
    kept = send(ann, "move")
    work()
    assert waiting(ann) == ["move"]
    sweep(at, minutes=2)
    assert desk.got == [("move", str(kept.id))] * 2
    assert waiting(ann) == []


def test_after_a_month_without_an_answer_the_resident_is_told(ann: Account, desk: Desk, at: Clock) -> None:
    at.move_to("2026-10-01T09:00")
    desk.away = True
    send(ann, "move")
    work()
    at.advance(days=30)
    sweep(at)
    assert [reason for _, reason in desk.refused] == ["no_answer"]
    assert rows()[0].sealed is None


def test_a_service_that_is_gone_leaves_it_waiting(ann: Account, desk: Desk, context: Flask, at: Clock) -> None:
    send(ann, "move")
    hooks = context.extensions[sending.EXTENSION].pop(SERVICE)
    work()
    assert waiting(ann) == ["move"]
    context.extensions[sending.EXTENSION][SERVICE] = hooks
    sweep(at, minutes=5)
    assert desk.things == ["move"]


def test_of_eight_workers_at_once_one_sends_it(ann: Account, desk: Desk, context: Flask) -> None:
    kept = send(ann, "move")
    together, outcomes = threading.Barrier(8), list[sending.Outcome]()

    def attempt() -> None:
        with context.app_context():
            together.wait()
            outcomes.append(sending.attempt(kept.id))

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert outcomes.count(sending.Outcome.DONE) == 1
    assert desk.things == ["move"]
    assert len(desk.delivered) == 1


def test_what_nobody_answered_in_a_month_is_named_and_what_was_refused_is_not(
    ann: Account, desk: Desk, at: Clock
) -> None:
    at.move_to("2026-11-22T09:00")
    desk.failures = [OfficeRefused("no")]
    send(ann, "refused")
    work()
    desk.away = True
    send(ann, "lost")
    work()
    assert deliveries.unanswered(lambda _service: True) == []
    at.advance(minutes=31 * 24 * 60)
    sweep(at)
    assert [reason for _delivery, reason in desk.refused] == ["no", "no_answer"]
    assert [each.id for each in deliveries.unanswered(lambda _service: True)] == [desk.refused[1][0].id]
    assert deliveries.unanswered(lambda service: service != SERVICE) == []
