"""Response templates: written in versions, refused with an unknown field, and put into a message without a hole."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

from portal.accounts.models import AccountRow
from portal.accounts.values import Account
from portal.cases.responses import all_responses, versions_of
from portal.cases.values import Case
from portal.db.session import session
from portal.staff.granting import remove_right
from portal.staff.rights import all_lines
from tests.support.staff import Colleague, colleague, grant

ENGLISH = "Dear {{name}},\n\nyour case {{reference}} is with {{team}}. We promised {{due_day}}."
WELSH = "Annwyl {{name}},\n\nmae eich achos {{reference}} gyda {{team}}."


def write(tom: Colleague, title: str = "With the team", *, cases: str = "reporting", **says: str) -> None:
    tom.get("/desk/templates/new")
    answer = tom.client.submit(title=title, cases=cases, **{"body": ENGLISH, "body_cy": "", **says})
    if answer.status_code == 303:
        tom.client.follow(answer)


def template_id(app: Flask) -> str:
    with app.test_request_context("/"):
        (only,) = all_responses()
    return str(only.id)


def put_in(app: Flask, person: Colleague, case: Case, typed: str = "") -> str:
    person.get(f"/desk/cases/{case.reference}/reply")
    person.client.submit(template=template_id(app), body=typed, do="fill")
    return person.client.page.form_with("body").values["body"][0].removeprefix("\n")


def test_a_template_is_written_and_listed(app: Flask, tom: Colleague) -> None:
    write(tom)
    assert "The template is written" in tom.client.page.notice
    assert "With the team" in tom.client.page.main
    assert "No Welsh yet" in tom.client.page.main
    assert "Tom, " in tom.client.page.main


@pytest.mark.parametrize(
    ("body", "body_cy", "named"),
    [("Dear {{nmae}}", "", "nmae"), ("Dear {{name}", "", "{{"), ("Fine", "Annwyl {{enw}}", "enw")],
    ids=["unknown", "not-closed", "in-the-welsh"],
)
def test_a_field_that_there_is_not_is_refused_by_its_name(
    app: Flask, tom: Colleague, body: str, body_cy: str, named: str
) -> None:
    write(tom, body=body, body_cy=body_cy)
    assert f"There is no such field: {named}." in str(tom.client.page.errors)
    assert "Dear {{nmae}}" in tom.client.page.html or body in tom.client.page.html  # nothing typed is lost
    with app.test_request_context("/"):
        assert all_responses() == []


def test_a_lead_of_one_service_writes_for_no_other(app: Flask, tom: Colleague) -> None:
    tom.get("/desk/templates/new")
    token = tom.token()
    tom.client.post("/desk/templates/new", data={"csrf_token": token, "title": "X", "body": "Y", "cases": ""})
    assert "You may not write templates for these cases" in str(tom.client.page.errors)
    whole = colleague(app, "Wanda", role="lead")
    write(whole, cases="")
    tom.get(f"/desk/templates/{template_id(app)}", 404)
    tom.get(f"/desk/templates/{template_id(app)}/versions", 404)


def test_a_change_is_a_version_and_the_former_one_stays(app: Flask, tom: Colleague) -> None:
    write(tom, body="We come on Monday.")
    tom.get(f"/desk/templates/{template_id(app)}")
    tom.client.follow(tom.client.submit(body="We come on Tuesday."))
    assert "Version 2 is in use" in tom.client.page.notice
    tom.get(f"/desk/templates/{template_id(app)}/versions")
    page = tom.client.page
    assert [words.text for words in page.all("h2") if "Version" in (words.text or "")] == ["Version 2", "Version 1"]
    assert "Monday." in "".join(page.all("del")[0].itertext())
    assert "Tuesday." in "".join(page.all("ins")[0].itertext())
    with app.test_request_context("/"):
        assert [each.body for each in versions_of(UUID(template_id(app)))] == [
            "We come on Tuesday.",
            "We come on Monday.",
        ]


def test_saving_what_is_saved_is_no_version(app: Flask, tom: Colleague) -> None:
    write(tom)
    tom.get(f"/desk/templates/{template_id(app)}")
    tom.client.submit()
    with app.test_request_context("/"):
        assert [each.version for each in all_responses()] == [1]


def test_two_who_write_at_once_lose_nothing(app: Flask, tom: Colleague) -> None:
    write(tom, body="We come on Monday.")
    path = f"/desk/templates/{template_id(app)}"
    lea = colleague(app, "Lea", role="lead")
    lea.get(path)
    tom.get(path)
    tom.client.submit(body="We come on Tuesday.")
    lea.client.submit(body="We come on Friday.")
    assert "Somebody else has changed this template" in str(lea.client.page.errors)
    assert "We come on Tuesday." in lea.client.page.main
    assert "Tom" in lea.client.page.main
    assert "We come on Friday." in lea.client.page.html
    lea.client.submit()
    with app.test_request_context("/"):
        (now,) = all_responses()
    assert (now.version, now.body) == (3, "We come on Friday.")


def test_it_is_put_into_the_message_and_can_be_changed(app: Flask, tom: Colleague, case: Case) -> None:
    write(tom)
    text = put_in(app, tom, case, typed="Good morning!")
    assert text.startswith("Good morning!\n\nDear Sam,")
    assert f"your case {case.reference} is with Highways. We promised " in text
    tom.client.follow(tom.client.submit(body=text.replace("Dear", "Hello")))
    assert "Hello Sam," in tom.client.page.main


def test_what_is_not_known_is_shown_and_never_sent(app: Flask, tom: Colleague, case: Case) -> None:
    write(tom, body="On hold until {{held_until_day}}.")
    assert put_in(app, tom, case) == "On hold until {{held_until_day}}."
    assert "The day until which the case is on hold" in tom.client.page.main
    tom.client.submit()
    assert "Fill in or take out what is still open: {{held_until_day}}" in str(tom.client.page.errors)
    tom.get(f"/desk/cases/{case.reference}")
    assert "Nobody has written about this yet." in tom.client.page.main


def test_a_resident_who_reads_welsh_gets_welsh(app: Flask, tom: Colleague, case: Case, sam: Account) -> None:
    write(tom, body_cy=WELSH)
    with app.test_request_context("/"):
        session().execute(update(AccountRow).where(AccountRow.id == sam.id).values(language="cy"))
        session().commit()
    assert put_in(app, tom, case).startswith("Annwyl Sam,")
    assert "no Welsh yet" not in tom.client.page.main


def test_without_welsh_the_english_comes_and_it_is_said(app: Flask, tom: Colleague, case: Case, sam: Account) -> None:
    write(tom)
    with app.test_request_context("/"):
        session().execute(update(AccountRow).where(AccountRow.id == sam.id).values(language="cy"))
        session().commit()
    assert put_in(app, tom, case).startswith("Dear Sam,")
    assert "This template has no Welsh yet" in tom.client.page.main


def test_one_that_is_retired_or_for_others_is_not_offered(app: Flask, tom: Colleague, case: Case) -> None:
    write(tom, "For lamps", cases="reporting/street_light")
    tom.get(f"/desk/cases/{case.reference}/reply")
    assert "For lamps" not in tom.client.page.html
    write(tom, "For all")
    tom.get(f"/desk/cases/{case.reference}/reply")
    assert "For all" in tom.client.page.html
    tom.get("/desk/templates")
    for form in [each for each in tom.client.page.forms() if each.action.endswith("/retire")]:
        tom.client.post(form.action, data={"csrf_token": tom.token()})
    tom.get(f"/desk/cases/{case.reference}/reply")
    assert "For all" not in tom.client.page.html
    tom.get("/desk/templates")
    assert "No longer offered" in tom.client.page.main


def test_a_caseworker_uses_templates_and_writes_none(app: Flask, tom: Colleague, case: Case) -> None:
    write(tom)
    will = colleague(app, "Will", role="caseworker")
    will.get("/desk/templates", 403)
    will.get("/desk/templates/new", 403)
    assert put_in(app, will, case).startswith("Dear Sam,")


def test_who_may_no_longer_write_it_keeps_their_words(app: Flask, tom: Colleague) -> None:
    write(tom)
    path = f"/desk/templates/{template_id(app)}"
    tom.get(path)
    with app.test_request_context("/"):
        for line in all_lines():
            remove_right("system:tests", line.id)
        grant("group of Tom", "lead", service="elsewhere")
        session().commit()
    answer = tom.client.submit(body="We come at noon.")
    assert answer.status_code == 404
    assert "We come at noon." in tom.client.page.html
    tom.post(f"/desk/templates/{UUID(int=7)}", 404, body="We come at noon.")
    with app.test_request_context("/"):
        assert [each.version for each in all_responses()] == [1]


def test_a_lead_of_one_team_writes_no_template_that_every_team_uses(app: Flask, tom: Colleague, case: Case) -> None:
    write(tom)
    path = f"/desk/templates/{template_id(app)}"
    for where in ({"team": "street_lighting"}, {"area": "north"}):
        lea = colleague(app, f"Lea{len(where)}{next(iter(where))}", role="lead", service="reporting", **where)
        page = lea.get("/desk/templates")
        assert "With the team" not in page
        assert "Every team uses the same templates." in page
        assert "Write a template" not in page
        lea.get(path, 404)
        lea.post(f"{path}/retire", 404)
        lea.get("/desk/templates/new")
        lea.post("/desk/templates/new", 200, title="X", body="Y", cases="reporting", body_cy="")
    with app.test_request_context("/"):
        assert [each.retired_at for each in all_responses()] == [None]
