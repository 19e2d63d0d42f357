"""What a resident sends to a back office: after the commit, once, sealed, and erased when it has been answered."""

import logging
import uuid

import pytest
from flask import Flask
from sqlalchemy import text

from portal.accounts.values import Account
from portal.backoffices import sending
from portal.backoffices.deliveries import deliver, deliveries_of
from portal.backoffices.forgetting import everything_about, forget, hand_over
from portal.backoffices.health import offices
from portal.backoffices.leaving import let_go
from portal.backoffices.values import OfficeRefused
from portal.db.session import session
from portal.errors import NotFound, Unavailable
from tests.support.deliveries import BANK, SERVICE, Desk, keep, rows, send, waiting
from tests.support.fixtures import Clock
from tests.support.people import someone
from tests.support.worker import work


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


def test_what_was_sealed_under_a_lost_secret_is_not_sent(ann: Account, desk: Desk) -> None:
    send(ann, "move")
    session().execute(text("update portal.delivery set sealed = 'lost'"))
    session().commit()
    work()
    assert [reason for _, reason in desk.refused] == ["unreadable"]
    assert desk.got == []


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


def test_what_waits_about_a_record_that_was_let_go_is_not_sent(ann: Account, desk: Desk) -> None:
    for what, about in (("hers", "account:1"), ("another", "account:2"), ("none", None)):
        payload = {"what": what}
        deliver(ann.id, service=SERVICE, act="change", payload=payload, key=what, about=about)
    let_go(ann.id, service=SERVICE, kind="account", key="1", person_key="p-1")
    session().commit()
    work()
    assert desk.things == ["another", "none"]
    assert [(each.key, reason) for each, reason in desk.refused] == [("hers", "withdrawn")]
    assert rows()[0].sealed is None
