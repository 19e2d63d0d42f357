"""Many cases at once: chosen, and previewed before anything is done."""

import pytest
from flask import Flask
from sqlalchemy import update

from portal.accounts.models import AccountRow
from portal.accounts.values import Account
from portal.cases.values import Case
from portal.conformance.pages import words
from portal.db.session import session
from portal.desk import bulk, searching
from tests.integration.desk.bulk.many import choose, outcomes, statements, written
from tests.integration.desk.cases import make_case
from tests.support.people import someone
from tests.support.staff import Colleague


def test_the_page_of_many_shows_what_is_chosen_where_nothing_is(tom: Colleague, holes: list[Case]) -> None:
    tom.get(str(tom.post("/desk/many", case=[each.reference for each in holes]).location))
    shown = [words(next(iter(select))) for select in tom.client.page.all("select")]
    assert shown == ["Choose", "Choose", "None: I type the words below"]


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
