"""Two who act at once, rights and cases that go while a page is open: nothing is overwritten, no word is lost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import select, update

from portal import clock
from portal.accounts.values import Account
from portal.cases.queries import whole_timeline
from portal.cases.task_queries import tasks_of
from portal.cases.values import Case
from portal.db.session import session
from portal.staff.granting import remove_right
from portal.staff.models import StaffLookRow
from portal.staff.rights import all_lines
from tests.integration.desk.acts import LONG, kinds, page_of
from tests.support.desk import do, now, report
from tests.support.staff import Colleague, colleague, grant


def take_away(app: Flask, name: str) -> None:
    with app.test_request_context("/"):
        for line in all_lines():
            if line.staff_group == f"group of {name}":
                remove_right("system:tests", line.id)
        session().commit()


def reasons(app: Flask, case: Case) -> list[str]:
    with app.test_request_context("/"):
        mine = select(StaffLookRow.reason).where(StaffLookRow.case_id == case.id).order_by(StaffLookRow.id)
        return list(session().scalars(mine))


def test_a_decision_without_the_right_is_refused_and_its_words_kept(app: Flask, case: Case) -> None:
    worker = colleague(app, "Will", role="caseworker")
    worker.get(f"{page_of(case)}/move/no_action", 403)
    worker.post(f"{page_of(case)}/move/no_action", 403, version=str(case.version), reason=LONG)
    assert "Decide cases" in worker.client.page.main
    assert "there is nothing that we can put right" in worker.client.page.html
    assert now(app, case).status == "received"


def test_a_note_that_lost_its_right_is_refused_as_that_and_kept_under_its_name(
    app: Flask, case: Case, sunita: Colleague
) -> None:
    sunita.get(f"{page_of(case)}/note")
    take_away(app, "Sunita")
    sunita.client.submit(body=LONG)
    page = sunita.client.page
    assert page.h1 == "You may not do this"
    assert "do not have any more: “Work on cases”" in page.main
    assert "there is nothing that we can put right" in page.html
    assert "Your words" in page.main
    assert "Answer 1" not in page.main
    sunita.get("/desk", 403)
    assert sunita.client.page.h1 == "You have no rights at the desk yet"


def test_two_who_decide_at_once_both_versions_are_shown_and_nothing_is_lost(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    sunita.get(f"{page_of(case)}/move/with_team")
    do(tom, case, "move/with_team", reason="The team looks at it on Monday.")
    sunita.client.submit(reason="They know of it.")
    page = sunita.client.page
    assert "This has changed since you opened the page" in str(page.errors)
    assert "Status Received With the team" in page.main.replace("  ", " ")
    assert "Tom" in page.main
    assert "The team looks at it on Monday." in page.main
    assert page.h1 == "Pass it to the team"
    assert "This cannot be done at the stage it has reached." in page.main
    assert "They know of it." in page.main  # their own words
    assert kinds(app, case) == ["opened", "moved"]


def test_two_who_close_at_once_the_second_sees_both_versions_without_saying_why(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    sunita.get(f"{page_of(case)}/move/no_action")
    do(tom, case, "move/no_action", reason="The road is private.")
    assert not now(app, case).is_open
    answer = sunita.client.submit(reason=LONG)
    page = sunita.client.page
    assert answer.status_code == 200
    assert "This has changed since you opened the page" in str(page.errors)
    assert "The road is private." in page.main
    assert "there is nothing that we can put right" in page.html  # their own words
    sunita.get(page_of(case))
    assert reasons(app, case)[-1] == "had_it_open"


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("take", {}),
        ("hold", {"reason": LONG, "until__day": "1", "until__month": "12", "until__year": "2090"}),
        ("pass-on", {"reason": LONG}),
        ("ask", {"kind": "document", "title": "Send a photo", "words": LONG}),
        ("merge/other", {"reason": LONG}),
    ],
)
def test_what_a_closed_case_does_not_allow_any_more_is_said_and_not_offered(
    app: Flask, case: Case, sam: Account, tom: Colleague, sunita: Colleague, act: str, typed: Any
) -> None:
    act = act.replace("other", report(app, sam).reference)
    tom.get(f"{page_of(case)}/{act}")
    do(sunita, case, "move/no_action", reason="The road is private.")
    tom.client.submit(**typed)
    page = tom.client.page
    assert "This case is closed. Reopen it first." in page.main
    assert "send them again" not in page.main
    assert ("Your own words" in page.main) == bool(typed)
    assert not page.all("input", name="version")
    assert not typed or "there is nothing that we can put right" in page.main
    tom.get(f"{page_of(case)}/{act}")
    assert "This case is closed. Reopen it first." in tom.client.page.main
    assert not tom.client.page.all("input", name="version")
    if act == "take":
        tom.post(f"{page_of(case)}/take", 200, version=str(now(app, case).version))
        assert "This case is closed. Reopen it first." in tom.client.page.main


def test_a_case_in_other_hands_is_not_offered_to_be_taken(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    do(tom, case, "take")
    sunita.get(f"{page_of(case)}/take")
    assert "Somebody else has taken this case." in sunita.client.page.main
    assert "from now on" not in sunita.client.page.main


def test_who_took_a_case_that_was_closed_then_is_told_so(app: Flask, case: Case, sunita: Colleague) -> None:
    do(sunita, case, "take")
    do(sunita, case, "move/no_action", reason="The road is private.")
    sunita.post(f"{page_of(case)}/take", 200, version=str(now(app, case).version))
    assert "This case is closed. Reopen it first." in sunita.client.page.main


def test_an_act_without_words_is_not_said_to_have_any(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    sunita.get(f"{page_of(case)}/take")
    do(tom, case, "note", body="Rang the depot.")
    do(tom, case, "hold", reason="Wait", until__day="1", until__month="1", until__year=str(clock.today().year + 1))
    sunita.client.submit()
    assert "Nothing that you sent has been done." in sunita.client.page.main
    assert "Your own words" not in sunita.client.page.main
    assert sunita.client.submit().status_code == 303


def test_whoever_never_had_the_case_open_says_why_once_it_is_closed(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    do(tom, case, "move/no_action", reason="The road is private.")
    sunita.post(f"{page_of(case)}/move/no_action", 403, version=str(case.version), reason=LONG)
    assert "The road is private." not in sunita.client.page.html
    assert "there is nothing that we can put right" in sunita.client.page.html
    sunita.client.get(sunita.client.page.links()["Show the case"])
    shown = sunita.client.follow(sunita.client.submit(reason="They rang about it."))
    sunita.client.follow(shown)
    assert "This cannot be done at the stage it has reached." in sunita.client.page.html
    assert "The road is private." in sunita.client.page.main


def test_having_had_it_open_lets_nobody_in_for_ever(app: Flask, case: Case, sunita: Colleague, tom: Colleague) -> None:
    sunita.get(page_of(case))
    do(tom, case, "move/no_action", reason="The road is private.")
    sunita.get(page_of(case))
    with app.test_request_context("/"):
        ago = StaffLookRow.looked_at - timedelta(minutes=61)
        session().execute(update(StaffLookRow).where(StaffLookRow.reason != "had_it_open").values(looked_at=ago))
        session().commit()
    assert sunita.client.get(page_of(case)).status_code == 303


def test_what_still_can_be_done_is_sent_anew_against_what_is(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    sunita.get(f"{page_of(case)}/move/no_action")
    do(tom, case, "move/with_team")
    sunita.client.submit(reason=LONG)
    assert "Received" in sunita.client.page.main
    assert now(app, case).status == "with_team"
    answer = sunita.client.submit()  # the page holds their words and the newer version
    assert answer.status_code == 303
    after = now(app, case)
    assert after.status == "no_action"
    with app.test_request_context("/"):
        assert whole_timeline(case.id)[0].reason.split() == LONG.split()


def test_two_clicks_are_one_act(app: Flask, case: Case, sunita: Colleague) -> None:
    for act, typed in (
        ("take", {}),
        ("reply", {"body": "We are on it."}),
        ("note", {"body": "Seen."}),
        ("release", {}),
        ("move/with_team", {"reason": ""}),
        ("pass-on", {"team": "street_lighting", "person": ""}),
    ):
        before = kinds(app, case)
        sunita.get(f"{page_of(case)}/{act}")
        page = sunita.client.page
        for _again in range(2):
            sunita.client.page = page
            assert (
                sunita.client.submit(_to=f"{page_of(case)}/{act}", version=_version(page), **typed).status_code == 303
            )
        more = 2 if act == "pass-on" else 1  # the other team has an entry of its own, for the resident
        assert len(kinds(app, case)) <= len(before) + more, act


def _version(page: object) -> str:
    found = re.search(r'name="version" type="hidden" value="(\d+)"', getattr(page, "html", ""))
    assert found is not None
    return found[1]


def test_two_who_answer_at_once_the_second_reads_the_first(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    sunita.get(f"{page_of(case)}/reply")
    do(tom, case, "reply", body="Somebody comes on Monday.")
    sunita.client.submit(body="Somebody comes on Tuesday.")
    assert "This has changed" in str(sunita.client.page.errors)
    assert "Somebody comes on Monday." in sunita.client.page.main
    assert "Somebody comes on Tuesday." in sunita.client.page.html
    assert kinds(app, case) == ["opened", "message_sent"]
    sunita.client.follow(sunita.client.submit(body="Sorry: Monday it is."))
    assert kinds(app, case) == ["opened", "message_sent", "message_sent"]


def test_a_note_is_in_nobodys_way(app: Flask, case: Case, sunita: Colleague, tom: Colleague) -> None:
    sunita.get(f"{page_of(case)}/note")
    do(tom, case, "note", body="I rang them.")
    assert sunita.client.submit(body="So did I.").status_code == 303
    assert kinds(app, case) == ["opened", "note_written", "note_written"]


def test_a_right_taken_away_while_the_page_is_open_loses_no_words(app: Flask, case: Case, sunita: Colleague) -> None:
    sunita.get(f"{page_of(case)}/reply")
    take_away(app, "Sunita")
    with app.test_request_context("/"):
        grant("group of Sunita", "viewer")
        session().commit()
    answer = sunita.client.submit(body=LONG)
    assert answer.status_code == 403
    assert "You may not do this" in sunita.client.page.h1
    assert "there is nothing that we can put right" in sunita.client.page.html
    assert kinds(app, case) == ["opened"]


def test_a_case_that_went_to_another_team_while_the_page_is_open_loses_no_words(
    app: Flask, case: Case, tom: Colleague
) -> None:
    rita = colleague(app, "Rita", role="caseworker", team="highways")
    rita.get(f"{page_of(case)}/note")
    do(tom, case, "pass-on", team="street_lighting", person="")
    answer = rita.client.submit(body=LONG)
    assert answer.status_code == 404
    assert "You cannot open this any more" in rita.client.page.h1
    assert "another team’s" in rita.client.page.main
    assert "there is nothing that we can put right" in rita.client.page.html
    assert case.reference not in rita.client.page.html
    assert kinds(app, case) == ["opened", "passed_on", "team_changed"]


def test_every_act_asks_for_the_right_on_that_very_case(
    app: Flask, case: Case, sam: Account, sunita: Colleague
) -> None:
    do(sunita, case, "ask", kind="document", title="Send a photo")
    with app.test_request_context("/"):
        (task,) = tasks_of(case.id)
    other = colleague(app, "Olga", role="lead", team="street_lighting")
    colleague(app, "Olga", role="viewer", team=case.team)
    places = {
        "task_id": task.id,
        "document_id": task.id,
        "target": "no_action",
        "other": case.reference,
        "code": "place",
    }
    every = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk_case.")]
    before = kinds(app, case)
    tried = 0
    for rule in every:
        if "POST" not in (rule.methods or ()) or rule.endpoint == "desk_case.here":
            continue
        with app.test_request_context("/"):
            named = {name: places[name] for name in rule.arguments & set(places)}
            path = url_for(rule.endpoint, reference=case.reference, **named)
        other.get(path, 403)
        other.post(path, 403, version=str(now(app, case).version), body=LONG, reason=LONG)
        assert "there is nothing that we can put right" in other.client.page.html, rule
        tried += 1
    assert tried >= 14
    assert kinds(app, case) == before
