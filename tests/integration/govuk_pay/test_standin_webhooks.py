"""The stand-in for GOV.UK Pay sends signed webhooks: soon, late, twice, out of order, and some that must be refused."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from sqlalchemy import text

from portal.payments.standin.place import KEY
from tests.support.pay import SECRET, Till, order, paid

PAID = ["card_payment_succeeded", "card_payment_captured"]


def own_signature(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def waiting(till: Till) -> list[tuple[Any, ...]]:
    """What is still to be sent: kind, tries, and in how many seconds."""
    query = "select event_type, attempts, extract(epoch from due_at - now())::int from pay_standin.message order by id"
    with till.standin.extensions[KEY].store.work() as db:
        return [tuple(each) for each in db.execute(text(query))]


def test_a_webhook_tells_of_the_payment_and_is_signed(till: Till) -> None:
    made = paid(till)
    assert till.send_webhooks() == 2
    first, second = till.caught
    for each in (first, second):
        assert each.signature == own_signature(each.body)
        assert (each.said["resource_id"], each.said["resource_type"]) == (made.id, "payment")
        assert each.said["resource"]["payment_id"] == made.id
        assert each.said["resource"]["state"] == {"status": "success", "finished": True}
        assert "_links" not in each.said["resource"]
    assert [first.said["event_type"], second.said["event_type"]] == PAID
    assert first.said["webhook_message_id"] != second.said["webhook_message_id"]


@pytest.mark.parametrize(
    ("fate", "kinds"),
    [
        ("declined", ["card_payment_failed"]),
        ("cancelled", ["card_payment_failed"]),
        ("expired", ["card_payment_expired"]),
    ],
    ids=["declined", "cancelled", "expired"],
)
def test_a_payment_that_fails_is_told_of(till: Till, fate: str, kinds: list[str]) -> None:
    till.befall(till.gateway().create(order()).id, fate)
    assert till.webhooks() == kinds


def test_the_settlement_of_a_payment_is_told_of_once(till: Till) -> None:
    made = paid(till)
    till.webhooks()
    for _ in range(2):
        till.befall(made.id, "settled")
    assert till.webhooks() == ["card_payment_settled"]
    said = till.call("GET", f"/payments/{made.id}").json()["settlement_summary"]
    assert set(said) == {"capture_submit_time", "captured_date", "settled_date"}


def test_they_can_come_late(till: Till) -> None:
    till.behave(webhooks="late", seconds=300)
    paid(till)
    assert till.send_webhooks() == 0
    assert [(kind, tries) for kind, tries, _ in waiting(till)] == [(kind, 0) for kind in PAID]
    assert {290 < seconds <= 300 for *_, seconds in waiting(till)} == {True}


def test_they_can_come_twice(till: Till) -> None:
    till.behave(webhooks="twice")
    paid(till)
    till.send_webhooks()
    assert [each.said["event_type"] for each in till.caught] == [PAID[0], PAID[0], PAID[1], PAID[1]]
    assert len({each.said["webhook_message_id"] for each in till.caught}) == 2
    assert till.caught[0].body == till.caught[1].body


def test_they_can_come_out_of_order(till: Till) -> None:
    till.behave(webhooks="mixed")
    paid(till)
    assert till.webhooks() == PAID[::-1]


def test_they_can_stay_away(till: Till) -> None:
    till.behave(webhooks="never")
    paid(till)
    assert till.webhooks() == []


def test_a_forged_one_is_not_signed_with_our_secret(till: Till) -> None:
    till.behave(webhooks="forged")
    paid(till)
    till.send_webhooks()
    assert all(each.signature != own_signature(each.body) for each in till.caught)


@pytest.mark.parametrize("how", ["altered", "unknown"])
def test_one_that_tells_something_else_is_well_signed(till: Till, how: str) -> None:
    till.behave(webhooks=how)
    made = paid(till)
    till.send_webhooks()
    (one, _) = till.caught
    assert one.signature == own_signature(one.body)
    assert (one.said["resource"]["amount"] != made.amount) is (how == "altered")
    assert (one.said["resource_id"] != made.id) is (how == "unknown")


def test_one_that_is_not_taken_is_sent_again_and_in_the_end_given_up(till: Till) -> None:
    till.behave(retry_seconds=0)
    till.catcher_says = 500
    till.befall(till.gateway().create(order()).id, "declined")
    assert till.send_webhooks() == 0
    assert len(till.caught) == 6
    assert len({each.body for each in till.caught}) == 1
    assert waiting(till) == []


def test_pay_waits_longer_each_time(till: Till) -> None:
    till.catcher_says = 503
    till.befall(till.gateway().create(order()).id, "declined")
    till.send_webhooks()
    (kind, tries, seconds), *none = waiting(till)
    assert (kind, tries, none) == ("card_payment_failed", 1, [])
    assert 55 <= seconds <= 60
    till.catcher_says = 204
    assert till.webhooks() == ["card_payment_failed"], "the one that was not taken came all the same"


def test_the_body_is_what_is_signed_to_the_letter(till: Till) -> None:
    paid(till, description="Caffè – résumé")
    till.send_webhooks()
    one = till.caught[0]
    assert json.loads(one.body)["resource"]["description"] == "Caffè – résumé"
    assert one.signature != own_signature(json.dumps(one.said, ensure_ascii=False).encode())
