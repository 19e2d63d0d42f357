"""What a remote application may call, whom it may write about, and how it is told no."""

import json
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import ECKey
from openapi_spec_validator import validate
from sqlalchemy import text

from portal.accounts.values import Account
from portal.api import link_out_calls
from portal.api.link_out_problems import PATH
from portal.db.session import session
from portal.linkouts import operations, registering
from portal.linkouts.tidying import tidy
from portal.registry.switches import switch_off
from tests.integration.linkouts.conftest import (
    ANYBODY,
    MOMENT,
    SITE,
    Application,
    Make,
    activity,
    card,
    code_of,
    link_out,
    task,
)
from tests.support.fixtures import Clock
from tests.support.people import someone


def rows(app: Flask, query: str) -> list[Any]:
    with app.app_context():
        return list(session().execute(text(query)).all())


def test_the_description_is_a_valid_openapi_document_that_anybody_may_read(app: Flask) -> None:
    answer = app.test_client().get(f"{PATH}/openapi.json")
    validate(answer.get_json())
    assert "Set-Cookie" not in answer.headers


def test_every_call_is_described_and_nothing_else(app: Flask) -> None:
    served = {
        (method, rule.rule.removeprefix(PATH).replace("<uuid:", "<").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PATH)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (call.upper(), path)
        for path, calls in app.test_client().get(f"{PATH}/openapi.json").get_json()["paths"].items()
        for call in calls.keys() - {"parameters"}
    }
    assert described == served - {("GET", "/openapi.json")}


def test_what_was_sent_is_kept_by_key_however_often_it_is_sent(tools: Application, sam: Account) -> None:
    sams = tools.signed_in(sam)
    assert sams == tools.signed_in(sam)
    for _again in range(2):
        for path, sent in (("cards/loans", card(as_of=MOMENT)), ("tasks/7", task(due_on="2026-12-01"))):
            assert tools.call("PUT", f"{sams}/{path}", sent).status_code == (204 if _again else 201)
        assert tools.call("POST", f"{sams}/activity", activity(at=MOMENT)).status_code == (204 if _again else 201)
    kept = tools.call("GET", sams).get_json()
    assert [each["key"] for each in kept["cards"] + kept["tasks"] + kept["activity"]] == ["loans", "7", "loan-7"]
    assert kept["tasks"][0]["due_on"] == "2026-12-01"
    for _again in range(2):
        assert tools.call("DELETE", f"{sams}/cards/loans").status_code == 204
        assert tools.call("DELETE", f"{sams}/tasks/7").status_code == 204
    assert tools.call("GET", sams).get_json()["cards"] == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "another"}, "aud"),
        ({"iss": "https://elsewhere.example"}, "iss"),
        ({"exp": 1}, "exp"),
        ({"iat": 1}, "iat"),
        ({"sub": ""}, "sub"),
    ],
    ids=["for another application", "by another provider", "expired", "old", "of nobody"],
)
def test_an_id_token_that_proves_nothing_is_refused(
    tools: Application, sam: Account, changes: dict[str, Any], reason: str
) -> None:
    answer = tools.call("POST", "/residents", {"id_token": tools.id_token(sam, **changes)})
    assert code_of(answer) == (422, "id_token")
    assert answer.get_json()["detail"].endswith(f": {reason}.")


def test_an_id_token_that_the_provider_has_not_signed_is_refused(
    tools: Application, sam: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = ECKey.generate_key("P-256", {"kid": "provider", "alg": "ES256"}, private=True)
    monkeypatch.setattr("tests.integration.linkouts.conftest.KEY", forged)
    assert code_of(tools.call("POST", "/residents", {"id_token": tools.id_token(sam)})) == (422, "id_token")


def test_nobody_is_known_who_has_no_account_or_has_not_signed_in_to_this_application(
    tools: Application, make: Make, sam: Account
) -> None:
    stranger = tools.id_token(sam, sub="a-stranger")
    assert code_of(tools.call("POST", "/residents", {"id_token": stranger})) == (404, "unknown_resident")
    others = make("bikes").signed_in(sam)
    for path in (others, f"/residents/{ANYBODY}"):
        assert code_of(tools.call("GET", path)) == (404, "unknown_resident")
        assert code_of(tools.call("PUT", f"{path}/cards/loans", card())) == (404, "unknown_resident")
        assert code_of(tools.call("DELETE", path)) == (404, "unknown_resident")
    assert others != tools.signed_in(sam), "no two applications have the same name for somebody"


def test_without_its_token_nothing_is_heard_and_wrong_ones_are_counted(
    app: Flask, tools: Application, sam: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sams = tools.signed_in(sam)
    assert code_of(tools.call("GET", sams, Authorization="")) == (401, "no_token")
    assert code_of(tools.call("GET", sams, Authorization="Basic x")) == (401, "no_token")
    monkeypatch.setattr(link_out_calls, "MOST_REFUSED", 1)
    stranger = Application(app, "tools", "moothall_link_out_guessed")
    assert code_of(stranger.call("GET", sams)) == (401, "wrong_token")
    answer = stranger.call("GET", sams)
    assert code_of(answer) == (429, "too_many")
    assert int(answer.headers["Retry-After"]) > 0
    assert tools.call("GET", sams).status_code == 200, "who has the right one is not kept out"


def test_an_application_calls_so_often_and_no_more(
    tools: Application, make: Make, sam: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_out_calls, "MOST_CALLS", 2)
    sams = tools.signed_in(sam)
    assert tools.call("GET", sams).status_code == 200
    answer = tools.call("GET", sams)
    assert code_of(answer) == (429, "too_many")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert make("bikes").signed_in(sam), "another one's calls are its own"


def test_a_scope_that_was_not_given_is_refused(make: Make, sam: Account) -> None:
    news = make("news", scopes=("activity",))
    sams = news.signed_in(sam)
    assert code_of(news.call("PUT", f"{sams}/cards/loans", card())) == (403, "scope")
    assert code_of(news.call("DELETE", f"{sams}/tasks/7")) == (403, "scope")
    assert news.call("POST", f"{sams}/activity", activity()).status_code == 201


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"url": "https://elsewhere.example/loans"}, "url"),
        ({"url": f"{SITE}.elsewhere.example/"}, "url"),
        ({"url": f"{SITE}@elsewhere.example/"}, "url"),
        ({"url": "http://tools.example/loans"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": f"{SITE}/\\elsewhere.example"}, "url"),
        ({"url": f"{SITE}/{'x' * 500}"}, "url"),
        ({"title": ""}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"title": "a\u202eb"}, "title"),
        ({"text": "a\nb"}, "text"),
        ({"text": "a\u0000b"}, "text"),
        ({"tag_colour": "pink"}, "tag_colour"),
        ({"as_of": "2026-11-23T09:00:00"}, "as_of"),
        ({"as_of": "2999-01-01T00:00:00Z"}, "as_of"),
        ({"as_of": "2001-01-01T00:00:00Z"}, "as_of"),
        ({"expires": "2999-01-01T00:00:00Z"}, "expires"),
        ({"action_needed": None}, "action_needed"),
        ({"titel": "x"}, "titel"),
    ],
    ids=[
        "another origin",
        "a longer host",
        "a name before another host",
        "another scheme",
        "a script",
        "a backslash",
        "a long link",
        "no title",
        "a long title",
        "writing turned round",
        "two lines",
        "a null",
        "no colour of ours",
        "no time zone",
        "the future",
        "long ago",
        "for ever",
        "null",
        "a mistyped name",
    ],
)
def test_a_card_that_cannot_be_is_refused_and_its_fault_named(
    tools: Application, sam: Account, changes: dict[str, Any], member: str
) -> None:
    answer = tools.call("PUT", f"{tools.signed_in(sam)}/cards/loans", card(**changes))
    assert code_of(answer) == (422, "invalid")
    assert [each["pointer"] for each in answer.get_json()["errors"]] == [f"/{member}"]
    assert "elsewhere" not in answer.text, "what was sent is not given back"


def test_tasks_and_activity_are_looked_at_as_closely(tools: Application, sam: Account) -> None:
    sams = tools.signed_in(sam)
    for day in ("2999-01-01", "9999-12-31", "0001-01-01"):
        assert code_of(tools.call("PUT", f"{sams}/tasks/7", task(due_on=day))) == (422, "invalid")
    assert code_of(tools.call("PUT", f"{sams}/tasks/7", task(url="https://elsewhere.example/"))) == (422, "invalid")
    assert code_of(tools.call("POST", f"{sams}/activity", activity(at="2999-01-01T00:00:00Z"))) == (422, "invalid")
    assert code_of(tools.call("POST", f"{sams}/activity", activity(key="a b"))) == (422, "invalid")
    for key in ("a%20b", "%00", "x" * 61):
        assert code_of(tools.call("PUT", f"{sams}/cards/{key}", card())) == (404, "not_found")
        assert code_of(tools.call("DELETE", f"{sams}/tasks/{key}")) == (404, "not_found")


def test_bodies_that_are_no_json_or_too_large_are_refused(tools: Application, sam: Account) -> None:
    path = f"{tools.signed_in(sam)}/cards/loans"
    assert code_of(tools.call("PUT", path, b"{")) == (400, "not_json")
    assert code_of(tools.call("PUT", path, b"[]")) == (422, "invalid")
    assert code_of(tools.call("PUT", path)) == (415, "wrong_type")
    assert code_of(tools.call("PUT", path, json.dumps(card(text="x" * 20_000)).encode())) == (413, "too_large")
    assert code_of(tools.call("POST", path, card())) == (405, "wrong_method")
    assert code_of(tools.call("GET", "/nothing")) == (404, "not_found")


def test_what_is_older_than_what_is_kept_is_refused(tools: Application, sam: Account) -> None:
    path = f"{tools.signed_in(sam)}/cards/loans"
    assert tools.call("PUT", path, card(as_of="2026-11-23T05:00:00Z")).status_code == 201
    assert code_of(tools.call("PUT", path, card(as_of="2026-11-23T04:59:59Z"))) == (409, "older")


def test_a_key_says_one_thing_of_what_happened(tools: Application, sam: Account) -> None:
    path = f"{tools.signed_in(sam)}/activity"
    assert tools.call("POST", path, activity(at=MOMENT)).status_code == 201
    assert code_of(tools.call("POST", path, activity(at=MOMENT, title="You broke it"))) == (409, "different")


def test_so_many_are_kept_of_each_kind_and_no_more(
    app: Flask, tools: Application, sam: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(operations.MOST, "card", 1)
    monkeypatch.setitem(operations.MOST, "task", 1)
    sams = tools.signed_in(sam)
    for kind, sent in (("cards", card()), ("tasks", task())):
        assert tools.call("PUT", f"{sams}/{kind}/1", sent).status_code == 201
        assert code_of(tools.call("PUT", f"{sams}/{kind}/2", sent)) == (409, "full")
        assert tools.call("PUT", f"{sams}/{kind}/1", sent).status_code in (204, 409)
    with app.app_context():
        keep = operations.MOST["activity"]
        session().execute(
            text(
                "insert into portal.link_out_item select id, 'activity', 'old-' || n, 'x', '', '', '', '', '', 'grey',"
                " false, 'https://tools.example/', timestamptz '2026-11-23 10:00Z' - n * interval '1 hour', null, null,"
                " '2027-01-01'"
                f" from portal.link_out_person, generate_series(1, {keep}) as n"
            )
        )
        session().commit()
    assert tools.call("POST", f"{sams}/activity", activity()).status_code == 201
    keys = {row.key for row in rows(app, "select key from portal.link_out_item where kind = 'activity'")}
    assert len(keys) == keep
    assert keys & {"loan-7", f"old-{keep}"} == {"loan-7"}


def test_while_it_is_switched_off_it_writes_nothing(app: Flask, tools: Application, sam: Account) -> None:
    sams = tools.signed_in(sam)
    with app.test_request_context("/"):
        switch_off("link-out:tools", actor="system:tests", reason="The roof leaks.")
        session().commit()
    answer = tools.call("PUT", f"{sams}/cards/loans", card())
    assert code_of(answer) == (503, "off")
    assert "The roof leaks." in answer.get_json()["detail"]


def test_a_new_token_takes_the_place_of_the_old_one_at_once(app: Flask, tools: Application, sam: Account) -> None:
    sams = tools.signed_in(sam)
    with app.app_context():
        new = Application(app, "tools", registering.rotate("tools", actor="system:tests"))
        session().commit()
    assert code_of(tools.call("GET", sams)) == (401, "wrong_token")
    assert new.call("GET", sams).status_code == 200
    assert all(new.token not in str(row) for row in rows(app, "select * from portal.link_out"))


def test_an_application_that_moves_to_another_origin_begins_anew(app: Flask, tools: Application, sam: Account) -> None:
    sams = tools.signed_in(sam)
    tools.call("PUT", f"{sams}/cards/loans", card())
    for url, left in ((f"{SITE}/new", 1), ("https://tools.elsewhere.example/", 0)):
        with app.app_context():
            assert registering.register(link_out(url=url), actor="system:tests", loopback=False) is None
            session().commit()
        assert len(rows(app, "select 1 from portal.link_out_item")) == left
    assert code_of(tools.call("PUT", f"{sams}/cards/loans", card())) == (422, "invalid")


def test_an_application_that_lets_a_resident_go_leaves_nothing(app: Flask, tools: Application, sam: Account) -> None:
    sams = tools.signed_in(sam)
    tools.call("PUT", f"{sams}/cards/loans", card())
    assert tools.call("DELETE", sams).status_code == 204
    assert rows(app, "select 1 from portal.link_out_person union select 1 from portal.link_out_item") == []
    assert tools.call("GET", "/erasures").get_json() == {"erasures": []}


def test_what_is_done_is_kept_for_a_month_and_what_has_expired_is_let_go_at_night(
    app: Flask, tools: Application, sam: Account, at: Clock
) -> None:
    sams = tools.signed_in(sam)
    tools.call("PUT", f"{sams}/tasks/7", task(done=True))
    tools.call("PUT", f"{sams}/cards/loans", card(expires=at.moment.replace(year=2027).isoformat()))
    for days, left in ((29, {"task", "card"}), (2, {"card"}), (400, set())):
        at.advance(days=days)
        with app.app_context():
            tidy()
            session().commit()
        assert {row.kind for row in rows(app, "select kind from portal.link_out_item")} == left
    at.advance(days=400)
    with app.app_context():
        tidy()
        session().commit()
    gone = tools.call("GET", "/erasures").get_json()["erasures"]
    assert [each["resident"] for each in gone] == [sams.removeprefix("/residents/")]
    assert someone(app).id == sam.id, "the account is still there"
