"""Calls to a back office: whatever is wrong over there, it is one error, in time."""

import time
from datetime import timedelta

import pytest
from flask import Flask
from pydantic import BaseModel

from portal import outbound
from portal.backoffices import health
from portal.backoffices.breaker import Breaker
from portal.backoffices.health import offices
from portal.backoffices.office import TRIES, Office, get_office
from portal.backoffices.values import OfficeRefused
from portal.db.session import session
from portal.errors import NotFound, Unavailable
from tests.integration.backoffices.conftest import NAME, TOKEN, way_to
from tests.support.fixtures import Clock
from tests.support.office import Behaviour, FaultyOffice, after, nobody_there, says, says_text, silent_peer


class Balance(BaseModel):
    pence: int


SLOW_MACHINE = 2.0
"""Seconds that other work may cost us, far below what those wait who are not told in time."""
FIFTY = says({"pence": 50})
AWAY = says({"code": "away"}, 503)
HTML = "<!DOCTYPE html><title>Welcome</title>"
WRONG = [
    pytest.param(says_text(HTML, mimetype="text/html"), id="a page of html"),
    pytest.param(says_text(HTML), id="html that says it is json"),
    pytest.param(says_text('{"pence": 5'), id="json cut short"),
    pytest.param(says_text("[" * 100_000), id="json nested without end"),
    pytest.param(says_text(b"\xff\xfe\x00"), id="no text at all"),
    pytest.param(says({"pounds": 50}), id="other fields"),
    pytest.param(says({"pence": "fifty"}), id="another type"),
    pytest.param(says(None), id="null"),
    pytest.param(says_text("", 204), id="nothing"),
    pytest.param(says_text(b'"' + b"x" * (outbound.MOST_BYTES + 1) + b'"'), id="a huge answer"),
    pytest.param(says_text(HTML, 404, "text/html"), id="a proxy that knows no such page"),
    pytest.param(says({"detail": "?"}, 422), id="a refusal without a code"),
    pytest.param(says({"code": "token"}, 401), id="our token is wrong"),
    pytest.param(says_text("", 302), id="a redirect"),
    pytest.param(says_text("oops", 500, "text/plain"), id="a fault over there"),
    pytest.param(after(5, FIFTY), id="too slow"),
]


def test_an_answer_comes_as_what_was_asked_for(ours: Office, faulty: FaultyOffice) -> None:
    faulty.does(says({"pence": 50, "and": "more than we know of"}))
    assert ours.get("/balance", Balance, headers={"X-Person": "7"}) == Balance(pence=50)
    method, path, headers, _body = faulty.asked[0]
    assert (method, path, headers["X-Person"]) == ("GET", "/balance", "7")
    assert headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("behaviour", WRONG)
def test_whatever_is_wrong_is_unavailable_in_time(ours: Office, faulty: FaultyOffice, behaviour: Behaviour) -> None:
    faulty.does(behaviour)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        ours.get("/balance", Balance)
    assert time.monotonic() - began < ours.seconds + SLOW_MACHINE


def test_a_silent_peer_is_unavailable_in_time(context: Flask) -> None:
    with silent_peer() as url:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            way_to(url, seconds=0.2).get("/balance", Balance)
        assert time.monotonic() - began < 0.2 + SLOW_MACHINE


def test_a_refused_connection_is_unavailable(context: Flask) -> None:
    with pytest.raises(Unavailable):
        way_to(nobody_there()).get("/balance", Balance)


def test_what_is_not_there_is_not_found(ours: Office, faulty: FaultyOffice) -> None:
    faulty.does(says({"code": "not_found"}, 404))
    with pytest.raises(NotFound):
        ours.get("/balance", Balance)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_refusal_says_its_code(ours: Office, faulty: FaultyOffice, status: int) -> None:
    faulty.does(says({"code": "no_credit", "sentence": "There is none."}, status))
    with pytest.raises(OfficeRefused) as refused:
        ours.post("/refunds", {"pence": 5}, Balance, key="k")
    assert refused.value.code == "no_credit"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(faulty: FaultyOffice, context: Flask, status: int) -> None:
    faulty.does(says({"code": "x"}, status), says_text("", status), FIFTY)
    assert way_to(faulty.url, seconds=10).get("/balance", Balance).pence == 50
    assert len(faulty.asked) == TRIES


def test_it_waits_longer_before_each_try_and_never_past_its_time(faulty: FaultyOffice, context: Flask) -> None:
    faulty.does(AWAY)
    paused: list[float] = []
    way = Office(NAME, faulty.url, TOKEN, seconds=5, client=outbound.client(allow_loopback=True), sleep=paused.append)
    with pytest.raises(Unavailable):
        way.get("/balance", Balance)
    assert len(faulty.asked) == TRIES
    assert 0.05 <= paused[0] <= 0.1 <= paused[1] <= 0.2
    paused.clear()
    with pytest.raises(Unavailable):
        way.patient(0.09).get("/balance", Balance)
    assert len(paused) <= 1


def test_a_write_with_a_key_is_tried_again_under_the_same_key(ours: Office, faulty: FaultyOffice) -> None:
    faulty.does(AWAY, FIFTY)
    assert ours.post("/payments", {"pence": 50}, Balance, key="one-key").pence == 50
    assert faulty.keys == ["one-key", "one-key"]


def test_a_question_that_is_sent_is_tried_again(ours: Office, faulty: FaultyOffice) -> None:
    faulty.does(AWAY, FIFTY)
    assert ours.post("/matches", Balance(pence=1), Balance, only_asks=True).pence == 50
    assert [body for _, _, _, body in faulty.asked] == ['{"pence":1}'] * 2


def test_a_write_without_a_key_is_tried_once(ours: Office, faulty: FaultyOffice) -> None:
    faulty.does(AWAY, FIFTY)
    with pytest.raises(Unavailable):
        ours.post("/payments", {"pence": 50}, Balance)
    assert len(faulty.asked) == 1


def test_a_wrong_answer_is_not_asked_for_again(ours: Office, faulty: FaultyOffice) -> None:
    faulty.does(says_text(HTML), FIFTY)
    with pytest.raises(Unavailable):
        ours.get("/balance", Balance)
    assert len(faulty.asked) == 1


def test_nothing_waits_for_it_in_the_middle_of_a_change(ours: Office, context: Flask) -> None:
    session().execute(health._GOOD, {"name": NAME, "now": "2026-01-01T00:00+00:00"})
    with pytest.raises(RuntimeError, match="has written"):
        ours.get("/balance", Balance)


def test_an_open_breaker_asks_nobody_until_it_has_rested(faulty: FaultyOffice, context: Flask, at: Clock) -> None:
    now = [0.0]
    way = way_to(faulty.url, breaker=Breaker(opens_after=2, rests=30, now=lambda: now[0]))
    faulty.does(says_text(HTML))
    at.move_to("2026-11-22T09:00")
    for path in ("/balance", "/bills"):
        with pytest.raises(Unavailable):
            way.get(path, Balance)
    asked = len(faulty.asked)
    with pytest.raises(Unavailable):
        way.patient(20).get("/balance", Balance)  # whoever else uses the same office
    assert len(faulty.asked) == asked
    (met,) = offices()
    assert (met.name, met.state, met.state_at, met.last_fault) == (NAME, "open", at.moment, "wrong_answer")

    faulty.does(FIFTY)
    now[0] += 31
    at.advance(seconds=31)
    session().rollback()
    assert way.get("/balance", Balance).pence == 50
    (met,) = offices()
    assert (met.state, met.state_at, met.last_good_at, met.last_fault) == ("closed", at.moment, at.moment, "")
    assert met.last_bad_at == at.moment - timedelta(seconds=31)


def test_refusals_and_what_is_not_there_open_no_breaker(faulty: FaultyOffice, context: Flask) -> None:
    way = way_to(faulty.url, breaker=Breaker(opens_after=1))
    faulty.does(says({"code": "not_found"}, 404), says({"code": "no_credit"}, 422))
    with pytest.raises(NotFound):
        way.get("/balance", Balance)
    with pytest.raises(OfficeRefused):
        way.get("/balance", Balance)
    assert way.breaker.state == "closed"


def test_each_process_has_one_way_and_one_breaker_for_an_office(context: Flask) -> None:
    told = {"base_url": "http://127.0.0.1:9", "token": "t"}
    first = get_office(NAME, **told, seconds=1)
    assert get_office(NAME, **told, seconds=1) is first
    assert first.patient(9).breaker is first.breaker
    assert (first.seconds, first.patient(9).seconds) == (1, 9)
    other = get_office(NAME, base_url="http://127.0.0.1:8", token="t", seconds=1)
    assert other.breaker is not first.breaker


def test_a_good_office_is_noted_once_a_minute(ours: Office, faulty: FaultyOffice, at: Clock) -> None:
    faulty.does(FIFTY)
    at.move_to("2026-11-22T09:00")
    ours.get("/balance", Balance)
    at.advance(seconds=5)
    ours.get("/balance", Balance)
    (met,) = offices()
    assert (met.state, met.last_good_at) == ("closed", at.moment - timedelta(seconds=5))


def test_an_office_that_was_never_met_is_known_by_its_service(context: Flask) -> None:
    (unmet,) = offices(["council_tax"])
    assert (unmet.name, unmet.state, unmet.last_good_at, unmet.waiting) == ("council_tax", "closed", None, 0)


def test_one_record_that_is_broken_shuts_nobody_else_out(faulty: FaultyOffice, context: Flask) -> None:
    way = way_to(faulty.url, breaker=Breaker(opens_after=2))
    faulty.does(says({"pounds": 50}))
    for _ in range(4):
        with pytest.raises(Unavailable):
            way.get("/v1/accounts/1", Balance)
    faulty.does(FIFTY)
    assert way.get("/v1/accounts/2", Balance).pence == 50
