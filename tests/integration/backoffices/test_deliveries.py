"""What a resident sends to a back office: after the commit, in order, at least once, under one key."""

import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.accounts.values import Account
from portal.backoffices import deliveries, sending
from portal.backoffices.deliveries import deliver, deliveries_of
from portal.backoffices.forgetting import everything_about, forget, hand_over
from portal.backoffices.health import offices
from portal.backoffices.models import DeliveryRow
from portal.backoffices.values import Delivery, Hooks, OfficeRefused
from portal.db.session import session
from portal.errors import NotFound, Unavailable
from tests.support.fixtures import Clock
from tests.support.people import someone
from tests.support.worker import work

SERVICE = "sample"
BANK = "31926819"


@dataclass
class Desk:
    """The service's part: what it was told, and what its office does with the next deliveries."""

    failures: list[Exception] = field(default_factory=list)
    away: bool = False
    got: list[tuple[str, str]] = field(default_factory=list)
    delivered: list[tuple[Delivery, Mapping[str, Any]]] = field(default_factory=list)
    refused: list[tuple[Delivery, str]] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    def send(self, payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        assert not session().in_transaction(), "nothing waits for the network in the middle of a transaction"
        if self.away:
            raise Unavailable
        if self.failures:
            raise self.failures.pop(0)
        self.got.append((payload["what"], key))
        return {"done": payload["what"]}

    def on_delivered(self, delivery: Delivery, answer: Mapping[str, Any]) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.delivered.append((delivery, answer))

    def on_undeliverable(self, delivery: Delivery, reason: str) -> None:
        self.refused.append((delivery, reason))

    @property
    def things(self) -> list[str]:
        return [what for what, _key in self.got]


@pytest.fixture
def desk(context: Flask) -> Iterator[Desk]:
    made = Desk()
    hooks = Hooks({"change": made.send}, made.on_delivered, made.on_undeliverable)
    deliveries.install(context, SERVICE, hooks)
    yield made
    del context.extensions[sending.EXTENSION][SERVICE]


@pytest.fixture
def ann(desk: Desk, context: Flask) -> Account:
    return someone(context, "Ann")


def keep(account: Account, what: str, key: str = "") -> Delivery:
    payload = {"what": what, "account_number": BANK}
    return deliver(account.id, service=SERVICE, act="change", payload=payload, key=key or what)


def send(account: Account, what: str, key: str = "") -> Delivery:
    kept = keep(account, what, key)
    session().commit()
    return kept


def rows() -> list[DeliveryRow]:
    session().rollback()
    return list(session().scalars(select(DeliveryRow).order_by(DeliveryRow.number)))


def waiting(account: Account) -> list[str]:
    return [each.key for each in reversed(deliveries_of(account.id, SERVICE))]


def sweep(at: Clock, minutes: float = 1) -> None:
    """What happens each minute, so much later."""
    at.advance(minutes=minutes)
    session().rollback()
    sending.again()
    session().commit()


def test_it_is_sent_after_the_commit_and_erased(ann: Account, desk: Desk) -> None:
    kept = keep(ann, "move")
    assert desk.got == []
    assert waiting(ann) == ["move"]
    session().commit()
    work()
    assert desk.got == [("move", str(kept.id))]
    ((delivery, answer),) = desk.delivered
    assert (delivery.id, delivery.state, answer) == (kept.id, "delivered", {"done": "move"})
    (row,) = rows()
    assert (row.state, row.sealed, row.done_at is not None) == ("delivered", None, True)
    assert waiting(ann) == []
    assert [each.key for each in deliveries_of(ann.id, SERVICE, open_only=False)] == ["move"]


def test_a_change_that_is_rolled_back_leaves_none(ann: Account, desk: Desk) -> None:
    keep(ann, "move")
    session().rollback()
    assert work() == []
    assert rows() == []
    assert desk.got == []


def test_two_tabs_that_press_twice_make_one(ann: Account, desk: Desk) -> None:
    first, second = send(ann, "move"), send(ann, "move again", key="move")
    assert first.id == second.id
    work()
    assert desk.things == ["move"]
    assert send(ann, "move").state == "delivered"
    work()
    assert desk.things == ["move"]


def test_another_residents_same_key_is_another_delivery(ann: Account, desk: Desk, context: Flask) -> None:
    ben = someone(context, "Ben")
    assert send(ann, "move").id != send(ben, "move").id
    work()
    assert desk.things == ["move", "move"]
    assert waiting(ben) == []


def test_what_is_sent_lies_sealed_and_is_never_logged(
    ann: Account, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.failures = [ValueError(BANK), Unavailable(BANK)]
    with caplog.at_level(logging.DEBUG):
        send(ann, "debit")
        assert BANK not in str(rows()[0].sealed)
        arguments = session().execute(text("select args::text from jobs.procrastinate_jobs")).scalars().all()
        assert BANK not in "".join(arguments)
        work()
    assert BANK not in caplog.text.replace(f"ValueError: {BANK}", "")  # the demo alone logs an error's words


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
    deliveries.install(context, SERVICE, Hooks({"change": _taken(desk)}, desk.on_delivered, desk.on_undeliverable))
    sweep(at)
    assert len(desk.got) == len(people), "all at once when it is back, those that were put off too"


def _taken(desk: Desk) -> Any:
    def take(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        desk.got.append((payload["what"], key))
        return {}

    return take


def test_one_that_the_office_chokes_on_holds_up_its_own_resident_alone(
    ann: Account, desk: Desk, context: Flask, at: Clock
) -> None:
    at.move_to("2026-11-22T09:00")
    ben = someone(context, "Ben")
    taken = _taken(desk)

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


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(OfficeRefused("no_credit"), "no_credit", id="a refusal"),
        pytest.param(NotFound(), "not_found", id="no such thing"),
    ],
)
def test_a_no_is_final_and_what_waits_behind_goes_on(ann: Account, desk: Desk, said: Exception, reason: str) -> None:
    desk.failures = [said]
    send(ann, "refund")
    send(ann, "move")
    work()
    ((delivery, code),) = desk.refused
    assert (delivery.key, delivery.state, code) == ("refund", "undeliverable", reason)
    assert desk.things == ["move"]
    assert [row.sealed for row in rows()] == [None, None]


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


def test_what_was_sealed_under_a_lost_secret_is_not_sent(ann: Account, desk: Desk) -> None:
    send(ann, "move")
    session().execute(text("update portal.delivery set sealed = 'lost'"))
    session().commit()
    work()
    assert [reason for _, reason in desk.refused] == ["unreadable"]
    assert desk.got == []


def test_a_service_that_is_gone_leaves_it_waiting(ann: Account, desk: Desk, context: Flask, at: Clock) -> None:
    send(ann, "move")
    hooks = context.extensions[sending.EXTENSION].pop(SERVICE)
    work()
    assert waiting(ann) == ["move"]
    context.extensions[sending.EXTENSION][SERVICE] = hooks
    sweep(at, minutes=5)
    assert desk.things == ["move"]


def test_offices_say_what_waits_for_them(ann: Account, desk: Desk, at: Clock) -> None:
    at.move_to("2026-11-22T09:00")
    send(ann, "move")
    at.advance(hours=2)
    send(ann, "debit")
    (office,) = offices([SERVICE])
    assert (office.waiting, office.oldest_at) == (2, rows()[0].made_at)


def test_done_ones_are_forgotten_after_a_month_and_waiting_ones_are_not(ann: Account, desk: Desk, at: Clock) -> None:
    send(ann, "move")
    work()
    desk.away = True
    send(ann, "debit")
    at.advance(days=31)
    sending.tidy()
    assert [row.key for row in rows()] == ["debit"]


def test_it_is_in_the_residents_data_file_and_forgotten_with_them(ann: Account, desk: Desk) -> None:
    send(ann, "move")
    (told,) = everything_about(ann.id)["sent_to_back_offices"]
    assert (told["act"], told["state"], told["waiting"]["what"]) == ("change", "waiting", "move")
    forget(ann.id)
    session().commit()
    assert rows() == []
    work()
    assert desk.got == []


def test_who_claims_an_account_takes_what_waits_along(ann: Account, desk: Desk, sam: Account) -> None:
    kept = send(ann, "move")
    hand_over(ann.id, sam.id)
    session().commit()
    assert waiting(sam) == ["move"]
    work()
    assert desk.got == [("move", str(kept.id))]


@pytest.mark.parametrize("key", ["", "k" * 121], ids=["none", "too long"])
def test_a_delivery_needs_a_key(ann: Account, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        deliver(ann.id, service=SERVICE, act="change", payload={}, key=key)


def test_an_act_must_be_declared(ann: Account) -> None:
    with pytest.raises(ValueError, match="declares no delivery 'other'"):
        deliver(ann.id, service=SERVICE, act="other", payload={}, key=str(uuid.uuid4()))
