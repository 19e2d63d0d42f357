"""Staff with a narrow right in a resident's place: what it is not for is shut to them, whatever page shows it."""

import io

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.accounts.queries import get_account
from portal.accounts.values import Account
from portal.cases.documents import add_document
from portal.cases.models import CaseRow
from portal.cases.values import Case
from portal.db.session import session
from portal.files.operations import receive
from portal.web.access import is_public
from services.reporting.models.reports import Report
from services.reporting.operations.drafts import begin_report
from services.reporting.operations.photos import add_photos, attach_photos
from services.reporting.rules.written import photos_in
from tests.support.desk import report
from tests.support.photos import photo
from tests.support.reports import fill_in
from tests.support.residents import Resident
from tests.support.staff import Colleague, colleague
from tests.support.things import REPORTING
from tests.support.worker import work

NARROW = {
    "team": {"team": "north"},
    "service and team": {"service": "reporting", "team": "north"},
    "service and type": {"service": "reporting", "type": "pothole"},
    "service and area": {"service": "reporting", "area": "A"},
}
every_narrow_right = pytest.mark.parametrize("where", NARROW.values(), ids=NARROW.keys())
every_visit = pytest.mark.parametrize("mode", ["look", "assist"])


@pytest.fixture
def mine(app: Flask, sam: Account) -> Case:
    return placed(app, report(app, sam), team="north", area="A")


@pytest.fixture
def other(app: Flask, sam: Account) -> Case:
    return placed(app, report(app, sam, category="graffiti"), team="south", area="B")


def placed(app: Flask, case: Case, **columns: str) -> Case:
    with app.app_context():
        session().execute(update(CaseRow).where(CaseRow.id == case.id).values(columns))
        session().commit()
    return case


def visit(app: Flask, case: Case, mode: str, role: str = "lead", **where: str) -> Colleague:
    """Nora in the place of the case's resident."""
    nora = colleague(app, "Nora", role=role, **where)
    if mode == "look":
        nora.get(f"/desk/see-as/{case.reference}")
        nora.client.submit(reason="They rang.")
    else:
        nora.get(f"/desk/assist/{case.account_id}")
        nora.client.submit(channel="telephone", identity_check="known")
    return nora


def with_paper(app: Flask, case: Case) -> str:
    """The address of a document on the case."""
    with app.test_request_context("/"):
        document = add_document(
            f"account:{case.account_id}", case.id, io.BytesIO(photo()), title="A lease", key="document"
        )
        session().commit()
    with app.app_context():
        work()
    return f"/files/{document.file_id}"


def with_photo(app: Flask, case: Case) -> str:
    """The address of a photo that was sent with it."""
    assert case.account_id is not None
    with app.test_request_context("/"):
        stored = receive(
            io.BytesIO(photo()), account_id=case.account_id, service="reporting", purpose="photo", kind="photo"
        )
        report_id = session().scalars(select(Report.id).where(Report.case_id == case.id)).one()
        attach_photos(get_account(case.account_id), report_id, [stored.id])
        session().commit()
    with app.app_context():
        work()
    return f"/files/{stored.id}"


@every_narrow_right
@every_visit
def test_a_list_and_a_document_show_no_case_that_the_right_is_not_for(
    app: Flask, mine: Case, other: Case, where: dict[str, str], mode: str
) -> None:
    paper, secret = with_paper(app, mine), with_paper(app, other)
    nora = visit(app, mine, mode, **where)
    nora.get(f"/cases/{mine.reference}")
    nora.get(f"{REPORTING}/reports/{mine.reference}/sent")
    assert nora.client.get(paper).status_code == 200
    for path in (secret, f"/cases/{other.reference}", f"{REPORTING}/reports/{other.reference}/sent"):
        assert nora.client.get(path).status_code == 403, path
    assert other.reference not in nora.get(f"{REPORTING}/")  # open to all
    answer = nora.client.get(f"{REPORTING}/reports")
    assert answer.status_code == (200 if mode == "assist" else 403)
    assert other.reference not in answer.get_data(as_text=True)
    assert (mine.reference in answer.get_data(as_text=True)) == (mode == "assist")


@every_visit
def test_the_right_for_a_whole_service_opens_all_of_it(app: Flask, mine: Case, other: Case, mode: str) -> None:
    papers = [with_paper(app, case) for case in (mine, other)]
    nora = visit(app, mine, mode, service="reporting")
    page = nora.get(f"{REPORTING}/reports")
    assert mine.reference in page
    assert other.reference in page
    assert [nora.client.get(path).status_code for path in papers] == [200, 200]
    nora.get("/home", 403)


@every_visit
def test_what_is_known_to_show_one_of_their_cases_is_open_and_all_else_is_shut(
    app: Flask, mine: Case, mode: str
) -> None:
    nora = visit(app, mine, mode, service="reporting", team="north")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments or rule.rule.startswith("/desk"):
            continue
        if is_public(app, rule.endpoint) or (mode == "assist" and rule.rule.startswith(REPORTING)):
            continue
        assert nora.client.get(rule.rule).status_code == 403, rule.rule


def send_report(nora: Colleague, kind: str) -> str:
    """Fill the form in; where it leads to."""
    at = Resident(Account(nora.staff.id, "Sam", "en"), nora.client)
    at.get(f"{REPORTING}/")
    url = fill_in(at, kind)
    at.get(f"{url}/check")
    return str(nora.client.submit(_to=f"{url}/check").location)


@every_visit
def test_the_photo_of_a_form_is_shown_to_who_fills_it_in(app: Flask, sam: Account, mine: Case, mode: str) -> None:
    with app.test_request_context("/"):
        begun = begin_report(sam)
        session().commit()  # the store is not waited for in the middle of a change
        draft = add_photos(sam, draft_id=begun.id, streams=[io.BytesIO(photo())])
        session().commit()
    with app.app_context():
        work()
    nora = visit(app, mine, mode, service="reporting", type="pothole")
    answer = nora.client.get(f"/files/{photos_in(draft.answers)[0]}")
    assert answer.status_code == (200 if mode == "assist" else 403)


@pytest.mark.parametrize("where", [{"type": "pothole"}, {"team": "highways"}], ids=["type", "team"])
def test_a_form_opens_no_case_with_which_they_may_not_help(app: Flask, mine: Case, where: dict[str, str]) -> None:
    nora = visit(app, mine, "assist", "contact", service="reporting", **where)
    assert send_report(nora, "graffiti") == "None"
    assert "with which you may not help" in str(nora.client.page.errors)
    assert "/sent" in send_report(nora, "pothole")
    with app.app_context():
        types = session().scalars(select(CaseRow.type).order_by(CaseRow.opened_at)).all()
    assert types == ["pothole", "pothole"]


@every_visit
def test_the_photo_that_came_with_a_case_is_shown_to_who_may_see_that_one(
    app: Flask, mine: Case, other: Case, mode: str
) -> None:
    shown, hidden = (with_photo(app, case) for case in (mine, other))
    nora = visit(app, mine, mode, service="reporting", type="pothole")
    assert [nora.client.get(path).status_code for path in (shown, hidden)] == [200, 403]


@every_visit
def test_the_menu_leads_to_no_refusal(app: Flask, mine: Case, mode: str) -> None:
    for where in ({"team": "north"}, {}):
        nora = visit(app, mine, mode, **where)
        nora.client.get("/home")
        links = [
            str(a.get("href")) for nav in nora.client.page.all("ul", class_="moot-nav__list") for a in nav.iter("a")
        ]
        assert [path for path in links if nora.client.get(path).status_code != 200] == []
        assert bool(links) is not bool(where)


def test_unchecked_the_menu_leads_nowhere(app: Flask) -> None:
    nora = colleague(app, "Nora", role="contact")
    nora.get("/desk/assist/new")
    nora.client.follow(nora.client.submit(given_name="Cara", family_name="Caller"))
    nora.client.submit(channel="telephone", identity_check="none")
    nora.client.get("/home")
    assert nora.client.page.all("ul", class_="moot-nav__list")[0].findall(".//a") == []
