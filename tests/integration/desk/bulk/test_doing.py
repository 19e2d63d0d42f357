"""Many cases at once: each is done once, with the rights of that moment."""

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update

from portal.accounts.values import Account
from portal.cases.models import CaseRow
from portal.cases.responses import write_response
from portal.cases.taking import take_case
from portal.cases.talk_models import MessageRow
from portal.cases.teams import close_team
from portal.cases.values import Case
from portal.db.session import session
from portal.desk import bulk_work
from portal.desk.bulk_acts import Chosen
from portal.staff.models import StaffRightRow
from tests.integration.desk.bulk.many import choose, count, do_all, outcomes
from tests.integration.desk.cases import make_case
from tests.support.cases import STAFF
from tests.support.fixtures import Clock
from tests.support.staff import Colleague, colleague
from tests.support.worker import work


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
