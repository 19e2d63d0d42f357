"""The same page sent twice is one act; another act of the same person from an older page is none, and is not lost."""

import io

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cases.notes import notes_of
from portal.cases.talk_models import DocumentRow, MessageRow, TaskRow
from portal.cases.values import Case
from portal.db.session import session
from tests.support.desk import do, now
from tests.support.photos import photo
from tests.support.staff import Colleague

CHANGED = "This has changed since you opened the page"


def two_pages(who: Colleague, path: str) -> tuple[dict[str, str], dict[str, str]]:
    """The hidden values of the same page opened twice."""
    return _opened(who, path), _opened(who, path)


def _opened(who: Colleague, path: str) -> dict[str, str]:
    who.get(path)
    return {name: str(who.client.page.all("input", name=name)[0].get("value")) for name in ("version", "key")}


def of_case(case: Case, act: str) -> str:
    return f"/desk/cases/{case.reference}/{act}"


def all_of(app: Flask, column: object) -> list[str]:
    with app.test_request_context("/"):
        return list(session().scalars(select(column)))  # type: ignore[call-overload]  # one column of texts


def test_another_message_from_a_second_tab_is_shown_again_and_then_sent(app: Flask, case: Case, tom: Colleague) -> None:
    path = of_case(case, "reply")
    one, other = two_pages(tom, path)
    tom.post(path, body="We come on Monday.", template="", **one)
    tom.post(path, 200, body="Please keep the road clear.", template="", **other)
    assert CHANGED in str(tom.client.page.errors)
    assert "Please keep the road clear." in tom.client.page.form_with("body").values["body"][0]
    assert tom.client.submit().status_code == 303
    assert sorted(all_of(app, MessageRow.body)) == ["Please keep the road clear.", "We come on Monday."]


def test_the_page_before_with_other_words_is_another_message(app: Flask, case: Case, tom: Colleague) -> None:
    path = of_case(case, "reply")
    page = _opened(tom, path)
    tom.post(path, body="We come on Monday.", template="", **page)
    tom.post(path, body="We come on Monday.", template="", **page)
    tom.post(path, 200, body="We come on Tuesday.", template="", **page)
    assert CHANGED in str(tom.client.page.errors)
    assert tom.client.submit().status_code == 303
    assert len(all_of(app, MessageRow.body)) == 2


def test_the_page_before_with_another_note_is_not_lost(app: Flask, case: Case, tom: Colleague) -> None:
    path = of_case(case, "note")
    page = _opened(tom, path)
    tom.post(path, body="I rang them.", **page)
    tom.post(path, body="I rang them.", **page)
    tom.post(path, 200, body="They rang back.", **page)
    assert "You have sent this page already, with other words." in str(tom.client.page.errors)
    assert tom.client.submit().status_code == 303
    with app.test_request_context("/"):
        assert {each.body for each in notes_of(case.id)[0]} == {"They rang back.", "I rang them."}


@pytest.mark.parametrize("same_page", [True, False], ids=["page-before", "second-tab"])
def test_another_task_is_shown_again_and_then_set(app: Flask, case: Case, tom: Colleague, same_page: bool) -> None:
    path = of_case(case, "ask")
    one, other = two_pages(tom, path)
    tom.post(path, kind="document", title="Send a photo", words="To find it.", **one)
    tom.post(path, kind="document", title="Send a photo", words="To find it.", **one)
    again = one if same_page else other
    tom.post(path, 200, kind="document", title="Send your tenancy agreement", words="To find it.", **again)
    assert CHANGED in str(tom.client.page.errors)
    assert tom.client.submit().status_code == 303
    assert sorted(all_of(app, TaskRow.title)) == ["Send a photo", "Send your tenancy agreement"]


def test_a_case_passed_on_twice_to_two_teams_is_with_the_first(app: Flask, case: Case, tom: Colleague) -> None:
    path = of_case(case, "pass-on")
    page = _opened(tom, path)
    tom.post(path, team="street_lighting", person="", reason="A lamp.", **page)
    tom.post(path, team="street_lighting", person="", reason="A lamp.", **page)
    tom.post(path, 200, team="street_cleaning", person="", reason="A lamp.", **page)
    assert CHANGED in str(tom.client.page.errors)
    assert now(app, case).team == "street_lighting"
    tom.post(path, 200, team="street_lighting", person="", reason="It is out.", **page)
    assert "It is out." in tom.client.page.form_with("reason").values["reason"][0]


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("move/no_action", {}),
        ("hold", {"until-day": "1", "until-month": "3", "until-year": "2027"}),
        ("reopen", {}),
    ],
    ids=["move", "hold", "reopen"],
)
def test_the_same_act_with_other_words_is_not_the_same_act(
    app: Flask, case: Case, tom: Colleague, act: str, typed: dict[str, str]
) -> None:
    if act == "reopen":
        do(tom, case, "move/no_action", reason="Nothing there.")
    path = of_case(case, act)
    page = _opened(tom, path)
    tom.post(path, reason="Our first words.", **page, **typed)
    tom.post(path, reason="Our first words.", **page, **typed)
    tom.post(path, 200, reason="Quite other words.", **page, **typed)
    assert CHANGED in str(tom.client.page.errors)
    assert "Quite other words." in tom.client.page.html


def test_a_task_withdrawn_with_other_words_is_not_the_same_act(app: Flask, case: Case, tom: Colleague) -> None:
    do(tom, case, "ask", kind="document", title="Send a photo")
    path = next(href for text, href in tom.client.page.links().items() if href.endswith("/withdraw"))
    page = _opened(tom, path)
    tom.post(path, reason="We found it.", **page)
    tom.post(path, reason="We found it.", **page)
    tom.post(path, 200, reason="You need not.", **page)
    assert CHANGED in str(tom.client.page.errors)
    assert "You need not." in tom.client.page.html


def test_the_page_before_with_another_document_is_not_lost_unseen(app: Flask, case: Case, tom: Colleague) -> None:
    path = of_case(case, "add-document")
    page = _opened(tom, path)

    def sends(size: tuple[int, int], title: str, status: int = 303) -> None:
        file = (io.BytesIO(photo(size=size)), "x.jpg", "image/jpeg")
        tom.post(path, status, title=title, who="staff", file=file, **page)

    sends((60, 40), "Invoice")
    sends((60, 40), "Invoice")
    sends((90, 40), "Receipt", 200)
    assert "another document from this page" in str(tom.client.page.errors)
    assert "Receipt" in tom.client.page.html
    assert all_of(app, DocumentRow.title) == ["Invoice"]
