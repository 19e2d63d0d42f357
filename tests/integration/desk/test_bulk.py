"""Many cases at once: previewed, confirmed, each done once, with the rights of that moment."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, select, text, update

from portal.accounts.models import AccountRow
from portal.accounts.values import Account
from portal.cases.models import CaseEventRow, CaseRow
from portal.cases.responses import write_response
from portal.cases.taking import take_case
from portal.cases.talk_models import MessageRow
from portal.cases.teams import close_team
from portal.cases.values import Case
from portal.db.session import db, session
from portal.desk import bulk, bulk_work, searching
from portal.desk.bulk_acts import Chosen
from portal.staff.models import StaffRightRow
from tests.integration.desk.cases import make_case
from tests.support.cases import STAFF
from tests.support.fixtures import Clock
from tests.support.pages import words
from tests.support.people import someone
from tests.support.staff import Colleague, colleague
from tests.support.worker import work


@pytest.fixture
def tom(app: Flask) -> Colleague:
    return colleague(app, "Tom", role="lead", team="highways")


@pytest.fixture
def holes(app: Flask, sam: Account) -> list[Case]:
    return [make_case(app, sam, "pothole") for _ in range(3)]


def choose(who: Colleague, cases: list[Case], **values: str) -> str:
    """Choose cases and an act; the address of the preview."""
    answer = who.post("/desk/many", case=[each.reference for each in cases])
    path = str(answer.location)
    who.get(path)
    answer = who.client.submit(**values)
    assert answer.status_code == 303, who.client.page.main
    return path


def outcomes(who: Colleague, path: str) -> list[str]:
    """What became of each, in the order of the cases."""
    who.get(path)
    rows = who.client.page.all("tr")[1:]
    return [" ".join(words(cell) for cell in list(row)[-2:]) for row in rows]


def count(app: Flask, kind: str) -> int:
    with app.app_context():
        return session().scalar(select(func.count()).where(CaseEventRow.kind == kind)) or 0


def do_all(app: Flask) -> None:
    with app.app_context():
        work()


def test_taking_many_is_previewed_confirmed_and_done(
    app: Flask, sam: Account, tom: Colleague, holes: list[Case]
) -> None:
    with app.test_request_context("/"):
        take_case(holes[0].id, actor=STAFF)
        session().commit()
    path = choose(tom, holes, act="take")
    assert outcomes(tom, path) == ["Cannot be done Somebody else has taken it.", "Can be done –", "Can be done –"]
    assert count(app, "taken") == 1  # nothing yet
    tom.post(f"{path}/confirm")
    assert "Being done" in tom.get(path)
    do_all(app)
    assert outcomes(tom, path) == ["Cannot be done Somebody else has taken it.", "Done –", "Done –"]
    assert "Done: 2" in tom.client.page.main
    with app.app_context():
        held = select(func.count()).where(CaseRow.holder_id == tom.staff.id)
        assert session().scalar(held) == 2


def test_the_page_of_many_shows_what_is_chosen_where_nothing_is(tom: Colleague, holes: list[Case]) -> None:
    tom.get(str(tom.post("/desk/many", case=[each.reference for each in holes]).location))
    shown = [words(next(iter(select))) for select in tom.client.page.all("select")]
    assert shown == ["Choose", "Choose", "None: I type the words below"]


def test_an_open_page_hears_how_far_it_has_got(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    path = choose(tom, holes, act="take")
    assert "data-desk-progress" not in tom.get(path)
    tom.post(f"{path}/confirm")
    assert f'data-url="{path}/how-far"' in tom.get(path)
    assert "See how far it has got" in tom.client.page.main  # for those without script
    told = tom.client.get(f"{path}/how-far").json
    assert told == {"running": True, "counted": ["Waiting: 3"], "worked_off": 0}
    do_all(app)
    told = tom.client.get(f"{path}/how-far").json
    assert told == {"running": False, "counted": ["Done: 3"], "worked_off": 3}
    colleague(app, "Olu", role="lead").get(f"{path}/how-far", 404)


def test_another_teams_cases_are_left_out_as_if_there_were_none(
    app: Flask, sam: Account, tom: Colleague, holes: list[Case]
) -> None:
    path = choose(tom, [*holes[:1], make_case(app, sam, "graffiti")], act="take")
    assert len(outcomes(tom, path)) == 1
    tom.post("/desk/many", case=["2222-2222", "x" * 500, "%00"])
    assert "Choose at least one case" in tom.get("/desk/cases?view=teams")


def test_everything_that_a_list_finds_is_taken_up_to_the_limit(
    app: Flask, tom: Colleague, holes: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)
    path = str(tom.post("/desk/many", which="all", view="teams").location)
    page = tom.get(path)
    assert "Change 2 cases" in page
    assert "There may be more cases on the list than these 2." in page


def test_everything_that_a_search_finds_says_where_not_all_was_looked_through(
    app: Flask, tom: Colleague, holes: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tom.post("/desk/many", which="all", view="teams", q="tester").location)
    assert "There may be more cases" not in tom.get(path)
    monkeypatch.setattr(searching, "MOST_READ", 2)
    path = str(tom.post("/desk/many", which="all", view="teams", q="tester").location)
    assert "There may be more cases" in tom.get(path)


def test_the_job_twice_and_a_worker_killed_in_between_do_nothing_twice(
    app: Flask, tom: Colleague, holes: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = choose(tom, holes, act="message", reason="We come on Monday.")
    tom.post(f"{path}/confirm")
    tom.post(f"{path}/confirm")
    real, calls = bulk_work.do, []

    def dies(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]  # as they are
        calls.append(1)
        if len(calls) == 2:
            raise MemoryError("killed")

    monkeypatch.setattr(bulk_work, "do", dies)
    with app.app_context():
        with pytest.raises(MemoryError):
            bulk_work.work_off(path.rpartition("/")[2])
        session().rollback()
        assert count(app, "message_sent") == 1
        bulk_work.work_off(path.rpartition("/")[2])
        bulk_work.work_off(path.rpartition("/")[2])
        session().commit()
    assert count(app, "message_sent") == 3
    assert outcomes(tom, path) == ["Done –"] * 3


def test_a_right_taken_away_and_a_case_changed_meanwhile_count_at_that_moment(
    app: Flask, tom: Colleague, holes: list[Case]
) -> None:
    path = choose(tom, holes, act="take")
    with app.test_request_context("/"):
        take_case(holes[1].id, actor=STAFF)
        session().commit()
    tom.post(f"{path}/confirm")
    do_all(app)
    assert outcomes(tom, path)[1].startswith("Not done")
    path = choose(tom, holes[:1], act="hold", until__day="1", until__month="3", until__year="2027", reason="Frost.")
    tom.post(f"{path}/confirm")
    with app.app_context():
        session().execute(delete(StaffRightRow))
        session().commit()
        work()
    assert count(app, "held") == 0


def test_stopping_leaves_the_others_as_they_were(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    path = choose(tom, holes, act="take")
    tom.post(f"{path}/confirm")
    tom.post(f"{path}/cancel")
    do_all(app)
    assert count(app, "taken") == 0
    assert outcomes(tom, path) == ["Left as it was –"] * 3


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"act": None}, "Select what to do"),
        ({"act": "pass_on"}, "Choose a team"),
        ({"act": "hold", "reason": "x"}, "Enter a day after today"),
        ({"act": "move"}, "Choose the new status"),
        ({"act": "message"}, "Enter words for the residents"),
    ],
    ids=range(5),
)
def test_what_an_act_needs_is_asked_for(
    app: Flask, tom: Colleague, holes: list[Case], values: dict[str, str], sentence: str
) -> None:
    path = str(tom.post("/desk/many", case=holes[0].reference).location)
    tom.get(path)
    tom.client.submit(**values)
    assert sentence in str(tom.client.page.errors)


def test_a_move_asks_the_right_and_the_words_that_its_type_asks(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    path = choose(tom, holes, act="move", target="no_action")
    assert outcomes(tom, path)[0] == "Cannot be done This needs words for the resident."
    path = choose(tom, holes, act="move", target="no_action", reason="It is a private road.")
    tom.post(f"{path}/confirm")
    do_all(app)
    assert outcomes(tom, path) == ["Done –"] * 3


def test_passing_on_gives_them_to_the_team(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    path = choose(tom, holes, act="pass_on", team="street_lighting")
    tom.post(f"{path}/confirm")
    do_all(app)
    assert count(app, "passed_on") == 3
    assert outcomes(tom, path) == ["Done –"] * 3


def test_nobody_sees_or_drives_another_ones_act(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    path = choose(tom, holes, act="take")
    other = colleague(app, "Lena", role="lead")
    for each in (path, f"/desk/many/{uuid.uuid4()}"):
        other.get(each, 404)
        other.post(f"{each}/confirm", 404)
        other.post(f"{each}/cancel", 404)
    colleague(app, "Sunita", role="caseworker").get(path, 403)


def test_a_template_is_filled_in_for_each_and_left_where_it_asks_what_is_not_known(
    app: Flask, tom: Colleague, holes: list[Case]
) -> None:
    with app.test_request_context("/"):
        words = {"title": "Visit", "body": "{{ reference }}: we come by {{ due_day }}.", "body_cy": ""}
        template_id = uuid.uuid4()
        write_response(tom.staff.actor, key=template_id, **words, service="", type="")
        session().execute(update(CaseRow).where(CaseRow.id == holes[0].id).values(due_at=None))
        session().commit()
    path = choose(tom, holes, act="message", template=str(template_id))
    assert outcomes(tom, path)[0] == (
        "Cannot be done The template asks for what is not known here: The day by which we promised an end."
    )
    assert {cell.get("data-label") for cell in tom.client.page.all("td")} >= {"Outcome", "Why"}  # where it folds
    tom.post(f"{path}/confirm")
    do_all(app)
    with app.app_context():
        bodies = session().scalars(select(MessageRow.body)).all()
    assert sorted(body[:9] for body in bodies) == sorted(each.reference for each in holes[1:])
    assert all("{{" not in body for body in bodies)


def test_a_fault_with_one_case_is_told_with_a_reference_and_stops_no_other(
    app: Flask, tom: Colleague, holes: list[Case], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = choose(tom, holes, act="take")
    tom.post(f"{path}/confirm")
    real = bulk_work.do

    def faulty(chosen: Chosen, case: Case, *rest: Any) -> None:  # as they are
        if case.id == holes[0].id:
            raise RuntimeError("Sam Tester lives there")
        real(chosen, case, *rest)

    monkeypatch.setattr(bulk_work, "do", faulty)
    do_all(app)
    first, *others = outcomes(tom, path)
    assert "a fault of ours" in first
    assert others == ["Done –"] * 2
    assert "Being done" not in tom.client.page.main
    assert first.split("Quote ")[1].split()[0] in caplog.text
    assert str(holes[0].id) in caplog.text
    assert "Sam" not in caplog.text


def test_an_act_whose_job_was_given_up_is_taken_up_again(
    app: Flask, tom: Colleague, holes: list[Case], at: Clock
) -> None:
    path = choose(tom, holes, act="take")
    tom.post(f"{path}/confirm")
    with app.app_context():
        session().execute(text("delete from jobs.procrastinate_jobs"))
        bulk_work.resume()  # too early: its job may just be waiting
        session().commit()
        assert work() == []
        at.advance(minutes=61)
        bulk_work.resume()
        session().commit()
    do_all(app)
    assert count(app, "taken") == 3


def test_the_preview_says_all_that_will_be_done(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    tom.get(choose(tom, holes, act="pass_on", team="street_lighting", reason="It is a lamp.\nLook at the photo."))
    page = tom.client.page.main
    for said in ("Team Street lighting", "Reason, for staff It is a lamp. Look at the photo.", "Pothole", "Sam Tester"):
        assert said in page
    path = choose(
        tom, holes, act="hold", until__day="1", until__month="3", until__year="2027", reason="Until the frost ends."
    )
    tom.get(path)
    for said in ("On hold until 1 March 2027", "Words that each resident reads Until the frost ends."):
        assert said in tom.client.page.main
    tom.get(choose(tom, holes, act="move", target="no_action", reason="It is a private road."))
    assert "New status No action" in tom.client.page.main


def test_the_preview_of_a_message_shows_what_each_resident_gets_and_who_gets_it_in_english(
    app: Flask, sam: Account, tom: Colleague, holes: list[Case]
) -> None:
    template_id = written(app, tom, "Dear {{name}}, {{reference}} is with {{team}}.")
    path = choose(tom, holes, act="message", template=str(template_id))
    tom.get(path)
    assert f"Dear Sam, {holes[1].reference} is with Highways." in tom.client.page.main
    assert "read Welsh" not in tom.client.page.main
    with app.app_context():
        session().execute(update(AccountRow).where(AccountRow.id == sam.id).values(language="cy"))
        session().commit()
    tom.get(choose(tom, holes, act="message", template=str(template_id)))
    assert "3 residents read Welsh, and the template has no Welsh" in tom.client.page.main
    assert "They read Welsh, and the template has no Welsh: they get it in English." in tom.client.page.main


def test_words_beside_a_template_are_not_dropped(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    template_id = written(app, tom, "We come.")
    tom.get(str(tom.post("/desk/many", case=holes[0].reference).location))
    tom.client.submit(act="message", template=str(template_id), reason="My own words.")
    assert "A template is sent as it is" in str(tom.client.page.errors)


def test_nothing_is_passed_to_a_team_that_was_closed_meanwhile(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    path = choose(tom, holes, act="pass_on", team="street_lighting")
    with app.test_request_context("/"):
        close_team("system:tests", "street_lighting")
        session().commit()
    tom.post(f"{path}/confirm")
    do_all(app)
    assert outcomes(tom, path) == ["Not done This team takes no more cases."] * 3
    assert count(app, "passed_on") == 0


def test_a_refusal_is_not_told_as_a_success(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    tom.post("/desk/many")
    tom.get("/desk/cases?view=teams")
    assert tom.client.page.notice == "Choose at least one case."
    assert not tom.client.page.all("div", class_="govuk-notification-banner--success")


def test_the_cases_stand_on_pages(
    app: Flask, tom: Colleague, holes: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PAGE", 2)
    path = choose(tom, holes, act="take")
    assert len(outcomes(tom, path)) == 2
    onwards = str(tom.client.page.all("a", rel="next")[0].get("href"))
    assert len(outcomes(tom, onwards)) == 1
    assert len(outcomes(tom, str(tom.client.page.all("a", rel="prev")[0].get("href")))) == 2
    assert len(outcomes(tom, f"{path}?start=-9")) == 2


def written(app: Flask, who: Colleague, body: str) -> uuid.UUID:
    """A template for every kind of case."""
    template_id = uuid.uuid4()
    with app.test_request_context("/"):
        write_response(who.staff.actor, key=template_id, title="Visit", body=body, body_cy="", service="", type="")
        session().commit()
    return template_id


def statements(app: Flask, act: Callable[[], object]) -> list[str]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # as the engine calls it
        sent.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        with app.app_context():
            event.remove(db.engine, "before_cursor_execute", note)
    return sent


def test_a_preview_is_noted_by_one_statement(app: Flask, tom: Colleague, holes: list[Case]) -> None:
    sent = statements(app, lambda: choose(tom, holes, act="take"))
    assert sum(statement.startswith("UPDATE portal.bulk_item") for statement in sent) == 1


def test_a_message_to_many_is_previewed_at_the_cost_of_one(
    app: Flask, sam: Account, tom: Colleague, holes: list[Case]
) -> None:
    template_id = written(app, tom, "Dear {{name}} ({{full_name}}), {{team}} has {{reference}}: {{page}}.")

    def cost(cases: list[Case]) -> int:
        path = choose(tom, cases, act="message", template=str(template_id))
        return len(
            statements(app, lambda: (choose(tom, cases, act="message", template=str(template_id)), tom.get(path)))
        )

    ada = someone(app, "Ada")
    cost(holes[:1])  # who listed names is noted once in a while
    assert cost([*holes, *(make_case(app, ada, "pothole") for _ in range(4))]) == cost(holes[:1])
