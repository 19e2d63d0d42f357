"""What residents see of remote applications, and what they can do about one."""

import json

import pytest
from flask import Flask

from portal.db.session import session
from portal.home.forgetting import forget_person
from portal.registry.switches import switch_off
from tests.integration.linkouts.conftest import SITE, Application, activity, card, code_of, task
from tests.support.fixtures import Clock
from tests.support.residents import Resident, resident, statements

HOSTILE = '<script>alert("x")</script> & "more"'


@pytest.fixture
def ann(app: Flask, tools: Application) -> Resident:
    """Somebody signed in at the portal, of whom no application knows yet."""
    return resident(app, "Ann")


@pytest.fixture
def of(tools: Application, ann: Resident) -> str:
    """Where the tool library writes about her, with one of everything written."""
    path = tools.signed_in(ann.account)
    words = {"title": HOSTILE, "title_cy": "Un offeryn", "tag": "On loan", "action_needed": True}
    assert tools.call("PUT", f"{path}/cards/loans", card(**words)).status_code == 201
    assert tools.call("PUT", f"{path}/cards/hours", card(title="Open today")).status_code == 201
    assert tools.call("PUT", f"{path}/tasks/7", task(due_on="2026-11-20")).status_code == 201
    assert tools.call("POST", f"{path}/activity", activity()).status_code == 201
    return path


def switch_tools_off(app: Flask) -> None:
    with app.test_request_context("/"):
        switch_off("link-out:tools", actor="system:tests", reason="The roof leaks.")
        session().commit()


def test_an_application_is_a_service_before_it_knows_anybody(app: Flask, ann: Resident) -> None:
    assert "Borrow tools." in ann.get("/home")
    link = next(each for each in ann.client.page.all("a") if each.get("href") == f"{SITE}/")
    assert link is not None
    assert "Opens another site: tools.example" in app.test_client().get("/").get_data(as_text=True)
    assert "Llyfrgell offer" in ann.get("/home?lang=cy")


def test_cards_tasks_and_activity_are_on_home_as_plain_text(ann: Resident, of: str) -> None:
    home = ann.get("/home")
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &#34;more&#34;" in home
    assert "<script>alert" not in home
    assert home.index("&lt;script&gt;alert") < home.index("Open today"), "what needs something comes first"
    assert "Bring back the ladder" in home
    assert "Overdue" in home
    assert "You borrowed a ladder" in home
    assert "This was so on 23 November 2026" in home
    assert "Un offeryn" in ann.get("/home?lang=cy")
    assert "Bring back the ladder" in ann.get("/tasks?lang=en")


def test_the_activity_page_can_show_one_application_alone(ann: Resident, of: str) -> None:
    for address, shown in (
        ("/activity", True),
        ("/activity?service=link-out:tools", True),
        ("/activity?what=services", True),
        ("/activity?service=reporting", False),
        ("/activity?what=tasks", False),
    ):
        assert ("You borrowed a ladder" in ann.get(address)) is shown, address


def test_another_resident_sees_nothing_of_it(app: Flask, of: str) -> None:
    home = resident(app, "Robin").get("/home")
    assert "Bring back the ladder" not in home
    assert "Open today" not in home


def test_what_has_expired_or_is_done_is_shown_no_longer(tools: Application, ann: Resident, of: str, at: Clock) -> None:
    tools.call("PUT", f"{of}/tasks/7", task(done=True))
    tools.call("PUT", f"{of}/cards/hours", card(title="Open today", expires="2026-11-23T10:30:00Z"))
    assert "Bring back the ladder" not in ann.get("/home")
    at.advance(minutes=20)
    assert "Open today" in ann.get("/home")
    at.advance(minutes=11)
    assert "Open today" not in ann.get("/home")


def test_one_that_is_switched_off_has_nothing_on_home(app: Flask, ann: Resident, of: str) -> None:
    switch_tools_off(app)
    home = ann.get("/home")
    assert "The roof leaks." in home
    for words in ("Open today", "Bring back the ladder", "You borrowed a ladder", f'href="{SITE}'):
        assert words not in home
    assert "You borrowed a ladder" not in ann.get("/activity")
    assert "The roof leaks." in app.test_client().get("/").get_data(as_text=True)


def test_home_asks_one_question_however_many_applications_there_are(app: Flask, ann: Resident, of: str) -> None:
    with statements(app) as seen:
        ann.get("/home")
    assert len([each for each in seen if "link_out" in each]) == 1


def test_a_resident_turns_an_application_off_and_on_again(tools: Application, ann: Resident, of: str) -> None:
    assert "It has written 4 things that we keep." in ann.get("/profile/applications")
    ann.client.follow(ann.post("/profile/applications/tools/stop"))
    assert "You turned it off on 23 November 2026" in ann.client.page.html
    assert "Open today" not in ann.get("/home")
    for answer in (
        tools.call("PUT", f"{of}/cards/hours", card()),
        tools.call("POST", f"{of}/activity", activity()),
        tools.call("POST", "/residents", {"id_token": tools.id_token(ann.account)}),
    ):
        assert code_of(answer) == (403, "stopped")
    assert tools.call("DELETE", f"{of}/cards/hours").status_code == 204, "what takes away is always welcome"
    ann.post("/profile/applications/tools/allow")
    assert tools.call("PUT", f"{of}/cards/hours", card(title="Open today")).status_code == 201
    assert "Open today" in ann.get("/home")
    history = ann.get("/profile/history")
    for words in ("stopped from writing to your home", "allowed to write to your home again", "on another site"):
        assert words in history


def test_only_an_application_that_knows_them_can_be_turned_off(app: Flask, of: str) -> None:
    robin = resident(app, "Robin")
    robin.post("/profile/applications/tools/stop", status=404)
    robin.post("/profile/applications/nothing/allow", status=404)
    assert "There are none." in robin.get("/profile/applications")


def test_the_copy_of_their_data_has_all_of_it(ann: Resident, of: str) -> None:
    ann.get("/your-data")
    (told,) = json.loads(ann.post("/your-data", status=200).get_data())["applications"]
    assert (told["slug"], told["title"]) == ("tools", "Tool library")
    assert [each["kind"] for each in told["sent"]] == ["activity", "card", "card", "task"]


def test_who_is_erased_is_forgotten_and_the_application_told_until_it_has_forgotten_too(
    app: Flask, tools: Application, ann: Resident, of: str
) -> None:
    with app.test_request_context("/"):
        forget_person(ann.account.id)
        session().commit()
    assert code_of(tools.call("PUT", f"{of}/cards/hours", card())) == (404, "unknown_resident")
    (told,) = tools.call("GET", "/erasures").get_json()["erasures"]
    assert of.endswith(told["resident"])
    for _again in range(2):
        assert tools.call("DELETE", f"/erasures/{told['resident']}").status_code == 204
    assert tools.call("GET", "/erasures").get_json() == {"erasures": []}
