"""Search at the desk: by reference, name, place and words, for those alone who may see the case."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.accounts.values import Account
from portal.cases import forgetting
from portal.cases.holding import hold_case
from portal.cases.messages import send_message
from portal.cases.notes import write_note
from portal.cases.queries import get_case_for_staff
from portal.cases.search_models import CaseSearchRow
from portal.cases.search_writing import read_facts
from portal.cases.taking import pass_on
from portal.cases.values import Case
from portal.db.session import session
from portal.desk import searching
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.integration.desk.cases import make_case
from tests.integration.desk.test_worklist import listed
from tests.support.cases import STAFF
from tests.support.people import someone
from tests.support.residents import resident
from tests.support.staff import Colleague, colleague


@pytest.fixture
def sunita(app: Flask) -> Colleague:
    return colleague(app, "Sunita", role="caseworker", team="highways")


@pytest.fixture
def hole(app: Flask, sam: Account) -> Case:
    """A pothole with a place and words, and a message and a note about it."""
    import uuid

    with app.test_request_context("/"):
        place = Place("12 Larkspur Lane, Trefŵr, W6 9JU", None)
        words = "A deep hole by the O’Neill bakery."
        case = file_report(sam, report_id=uuid.uuid4(), written=Written("pothole", place, words))
        session().commit()
        read_facts()
        send_message(f"account:{sam.id}", case.id, "My bicycle was damaged", key="m")
        write_note(STAFF, case.id, "Contractor Gwilym rang", key="n")
        session().commit()
    return case


@pytest.mark.parametrize(
    "typed",
    [
        "larkspur", "LARKSPUR lane", "12 larkspur", "trefwr", "Trefŵr", "w6 9ju", "W69JU", "w6 9", "deep hole",
        "o'neill", "oneill", "bicycle", "bicyc", "gwilym contractor", "sam tester", "Tester", "pothole larkspur",
        "larkspur  tester bicycle gwil",
        "!larkspur",
    ],
)  # fmt: skip
def test_a_case_is_found_by_words_of_what_was_sent_written_and_noted(
    app: Flask, sunita: Colleague, hole: Case, typed: str
) -> None:
    assert listed(sunita, f"q={typed}") == [hole.reference]


def test_a_case_is_found_by_the_reason_that_the_resident_reads(app: Flask, sunita: Colleague, hole: Case) -> None:
    with app.test_request_context("/"):
        hold_case(
            hole.id,
            actor=STAFF,
            until_on=clock.today() + timedelta(days=3),
            reason="A storm has closed the road.",
            expected_version=get_case_for_staff(hole.id).version,
        )
        session().commit()
    assert listed(sunita, "q=storm road") == [hole.reference]


@pytest.mark.parametrize(
    "typed",
    [
        "larkspur dahlia",
        "arkspur",
        "bi",
        "bicyc ",
        "'",
        "&|!():*",
        "larkspur' | 'dahlia dahlia",
        "#thighways",
    ],
)
def test_what_does_not_fit_is_not_found_and_no_sign_is_an_operator(
    app: Flask, sunita: Colleague, hole: Case, typed: str
) -> None:
    assert listed(sunita, f"q={typed.replace('&', '%26').replace('#', '%23')}") == []


def test_a_reference_is_found_however_it_is_typed(app: Flask, sunita: Colleague, hole: Case) -> None:
    plain = hole.reference.replace("-", "")
    for typed in (hole.reference, plain.lower(), f" {plain[:4]} {plain[4:]} ", plain[:5]):
        assert listed(sunita, f"q={typed}") == [hole.reference], typed


@pytest.mark.parametrize("typed", ["larkspur", "tester", "REFERENCE"])
def test_another_teams_case_is_not_found_whatever_is_typed(app: Flask, hole: Case, typed: str) -> None:
    other = colleague(app, "Olive", role="caseworker", team="street_lighting")
    assert listed(other, f"q={typed.replace('REFERENCE', hole.reference)}") == []


def test_a_case_that_is_passed_on_is_found_by_its_new_team_and_no_more_by_the_old(
    app: Flask, sunita: Colleague, hole: Case
) -> None:
    other = colleague(app, "Olive", role="caseworker", team="street_lighting")
    with app.test_request_context("/"):
        pass_on(hole.id, actor=STAFF, team="street_lighting")
        session().commit()
    assert listed(other, "q=larkspur") == [hole.reference]
    assert listed(sunita, "q=larkspur") == []


def test_nothing_leads_to_a_case_by_its_words_once_its_person_is_forgotten(
    app: Flask, sam: Account, sunita: Colleague, hole: Case
) -> None:
    with app.test_request_context("/"):
        forgetting.forget(sam.id)
        session().commit()
        assert session().scalar(select(func.count()).select_from(CaseSearchRow)) == 0
    assert listed(sunita, "q=larkspur") == []
    assert listed(sunita, f"q={hole.reference}") == [hole.reference]


def test_a_new_name_finds_the_cases_and_the_old_one_no_more(app: Flask, sunita: Colleague, hole: Case) -> None:
    browser = resident(app, "Sam")
    browser.get("/profile/name")
    assert browser.client.submit(given_name="Samira", family_name="Quill").status_code == 303
    with app.app_context():
        read_facts()
    assert listed(sunita, "q=samira quill larkspur") == [hole.reference]
    assert listed(sunita, "q=sam tester") == []


def test_the_rest_of_the_filter_counts_and_so_do_closed_cases(app: Flask, sam: Account, sunita: Colleague) -> None:
    from portal import clock

    here = make_case(app, sam, area="northfields")
    over = make_case(app, sam, area="southgate", status="fixed", closed_at=clock.now())
    assert sorted(listed(sunita, "q=tester")) == sorted([here.reference, over.reference])
    assert listed(sunita, "q=tester&area=northfields") == [here.reference]
    assert listed(sunita, "q=tester&status=fixed") == [over.reference]
    assert "Search in all cases, open and closed" in str(sunita.client.page.main)
    assert listed(sunita, "q=tester&kind=reporting/pothole&holder=me") == []


def test_newest_first_over_pages_and_years(app: Flask, sunita: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from portal import clock

    ada, now = someone(app, "Ada"), clock.now()
    monkeypatch.setattr(searching.search_of, "__kwdefaults__", {"limit": 3})
    made = []
    for days in (900, 500, 200, 100, 60, 20, 9, 8, 1, 0):
        with clock.as_of(now - timedelta(days=days)):
            made.insert(0, make_case(app, ada).reference)
    found, query = [], "q=ada"
    for _ in range(9):
        found += listed(sunita, query)
        onwards = sunita.client.page.all("a", rel="next")
        if not onwards:
            break
        query = str(onwards[0].get("href"))[1:]
    assert found == made
    back = str(sunita.client.page.all("a", rel="prev")[0].get("href"))[1:]
    assert listed(sunita, back) == made[6:9]


def test_where_more_have_the_words_than_are_looked_at_the_page_says_so(
    app: Flask, sam: Account, sunita: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_READ", 3)
    for _ in range(4):
        make_case(app, sam)
    assert "Very many cases have these words" in sunita.get("/desk/cases?q=tester")
    assert "Very many cases" not in sunita.get("/desk/cases?q=nobody")
