"""What is wrong: suggestions, groups, questions that are data, and dangers."""

import re
from uuid import UUID

import pytest
from flask import Flask

from portal.kit import Form, save_answers, session
from services.reporting.forms.what import named
from services.reporting.tests.conftest import STREET, Begin
from tests.support.residents import Resident


def drawn(page: str) -> list[str]:
    """The kinds that a page offers."""
    return re.findall(r'<input class="govuk-radios__input"[^>]*value="([^"]+)"', page)


def test_words_suggest_the_kind_and_groups_hold_the_rest(ada: Resident, begin: Begin) -> None:
    journey = begin(ada)
    journey.answer("description", description="The street light outside is flickering all night")
    offered = drawn(ada.get(f"{journey.url}/kind"))
    assert offered[0] == "street_light"
    assert {each for each in offered if each.startswith("group:")} >= {"group:roads", "group:rubbish", "group:green"}
    assert journey.answer("kind", kind="group:roads") == "pick"
    assert "pothole" in drawn(ada.get(f"{journey.url}/pick"))
    assert journey.answer("pick", kind="blocked_drain") == "questions"
    assert "blocked_drain" in drawn(ada.get(f"{journey.url}/kind"))  # what was chosen is there again


def test_words_that_nobody_knows_lead_to_the_groups(ada: Resident, begin: Begin) -> None:
    journey = begin(ada)
    journey.answer("description", description="Xyzzy")
    offered = drawn(ada.get(f"{journey.url}/kind"))
    assert offered
    assert all(each.startswith("group:") for each in offered)


def test_a_kind_of_another_group_is_not_picked(ada: Resident, begin: Begin) -> None:
    journey = begin(ada)
    journey.answer("description", description="Xyzzy")
    journey.answer("kind", kind="group:roads")
    assert ada.refused(f"{journey.url}/pick", kind="graffiti") == ["Select what kind of problem it is"]


def test_the_questions_of_a_kind_are_asked_and_shown_again(ada: Resident, begin: Begin) -> None:
    journey = begin(ada)
    journey.answer("description", description="A sofa")
    assert journey.answer("kind", kind="fly_tipping") == "questions"
    (sentence,) = ada.refused(f"{journey.url}/questions", answer_vehicle="A white van")
    assert sentence.startswith("Answer the question: ")
    assert "A white van" in ada.client.page.html
    assert journey.answer("questions", answer_amount="van", answer_kinds=["furniture", "garden"]) == "where"
    journey.answer("where", where="street")
    journey.answer("street", **STREET)
    journey.answer("photo")
    page = ada.get(f"{journey.url}/check")
    assert "furniture" in page.lower()
    assert "furniture" in ada.get(f"/cases/{journey.send()}").lower()


def test_another_kind_asks_its_own_questions(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    assert journey.answer("kind", kind="street_light") == "questions"
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/questions"
    assert journey.answer("questions", answer_fault="out") == "check"


def test_a_danger_in_the_words_is_told_to_telephone_once(ada: Resident, begin: Begin) -> None:
    journey = begin(ada)
    journey.answer("description", description="The lamp has bare wires hanging out")
    assert journey.answer("kind", kind="street_light") == "urgent"
    page = ada.get(f"{journey.url}/urgent")
    assert "Ring us instead" in page
    assert 'href="tel:02079460100"' in page
    assert ada.client.get(f"{journey.url}/questions").location == f"{journey.url}/urgent"
    assert journey.answer("urgent") == "questions"
    assert journey.answer("description", description="The bare wires are still hanging") == "questions"


def test_a_danger_in_an_answer_is_told_after_it(ada: Resident, begin: Begin) -> None:
    journey = begin(ada)
    journey.answer("description", description="The lamp is odd")
    journey.answer("kind", kind="street_light")
    assert journey.answer("questions", answer_fault="wires") == "urgent"
    assert journey.answer("questions", answer_fault="out") == "where"


@pytest.mark.parametrize("code", ["data", "errors", "kind", "validate"])
def test_no_code_of_the_councils_is_a_name_that_forms_have(code: str) -> None:
    assert not hasattr(Form, named(code))


def test_a_kind_that_was_given_up_meanwhile_is_chosen_again(ada: Resident, app: Flask, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    with app.app_context():
        draft_id = UUID(journey.url.rpartition("/")[2])
        save_answers(ada.account, draft_id, step="kind", answers={"kind": "dragon", "asks": False, "layer": ""})
        session().commit()
    assert ada.client.get(f"{journey.url}/photo").location == f"{journey.url}/kind"
    assert "any more" in ada.get(f"{journey.url}/check")
    assert ada.refused(f"{journey.url}/check")
