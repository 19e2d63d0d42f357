"""Staff in a resident's place: they see what the resident sees, change nothing, and the resident knows."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import InternalError

from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.values import Account
from portal.audit.models import AuditEntry
from portal.cases.models import CaseRow
from portal.cases.values import Case
from portal.db.session import session
from portal.identity import queries
from portal.identity.models import SessionRow
from portal.settings.council import Sessions
from portal.staff.models import StaffLookRow, StaffRightRow, StaffSessionRow
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.fixtures import Clock
from tests.support.residents import resident
from tests.support.staff import Colleague, colleague
from tests.support.talk import things_to_do

SIGN_INS = "/sign-ins"
REASON = "The resident rang: the page shows an old address."


@pytest.fixture
def case(app: Flask, sam: Account) -> Case:
    with app.test_request_context("/"):
        place = Place("Larkspur Lane", None)
        case = file_report(sam, report_id=uuid.uuid4(), written=Written("pothole", place, "A hole."))
        session().execute(update(CaseRow).where(CaseRow.id == case.id).values(team="north"))
        session().commit()
        return case


@pytest.fixture
def tom(app: Flask) -> Colleague:
    return colleague(app, "Tom", role="lead")


@pytest.fixture
def inside(tom: Colleague, case: Case) -> Colleague:
    """Tom, who sees the portal as Sam does."""
    tom.get(f"/desk/see-as/{case.reference}")
    answer = tom.client.submit(reason=REASON)
    assert answer.location == "/home"
    tom.client.follow(answer)
    return tom


def csrf(who: Colleague) -> str:
    who.get("/home")
    return str(who.client.page.all("input", name="csrf_token")[0].get("value"))


def test_a_reason_must_be_given(tom: Colleague, case: Case) -> None:
    tom.get(f"/desk/see-as/{case.reference}")
    tom.client.submit(reason=" ")
    assert "Enter why you need to see it" in str(tom.client.page.errors)
    assert tom.client.get("/home").status_code == 303


def test_the_page_is_the_residents_own_with_a_banner(inside: Colleague) -> None:
    assert "You see this as Sam does, until" in inside.client.page.html
    for path in ("/activity", "/profile", "/who-looked", "/your-data", "/there-is-no-such-page"):
        inside.client.get(path)
        assert "You see this as Sam does" in inside.client.page.html, path


def test_the_banner_speaks_to_staff_and_the_page_as_the_resident_reads_it(
    app: Flask, inside: Colleague, sam: Account
) -> None:
    with app.test_request_context("/"):
        session().execute(update(AccountRow).where(AccountRow.id == sam.id).values(language="cy"))
        session().commit()
    inside.get("/home")
    page = inside.client.page
    assert page.all("html")[0].get("lang") == "cy"
    banner = page.all("div", class_="moot-visiting")[0]
    assert banner.get("lang") == "en"
    assert "You see this as Sam does" in page.html
    inside.client.post("/profile/name", data={"csrf_token": csrf(inside)})
    assert "You can only look" in inside.client.page.html


def test_nothing_can_be_sent(app: Flask, inside: Colleague) -> None:
    token = csrf(inside)
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith("/desk") or rule.arguments:
            continue
        if rule.endpoint.startswith("link_outs."):  # called by programs, which no session of a browser helps
            continue
        if rule.endpoint in ("visit.end", "identity.sign_out") or getattr(
            app.view_functions[rule.endpoint], "csrf_exempt", False
        ):
            continue
        answer = inside.client.post(rule.rule, data={"csrf_token": token, "given_name": "Changed"})
        assert answer.status_code == 403, rule.rule
        assert "You can only look" in inside.client.page.h1, rule.rule
    with app.app_context():
        assert session().scalars(select(ProfileRow.given_name)).one() == "Sam"


def test_how_they_sign_in_is_not_shown(inside: Colleague) -> None:
    for path in ("/ways-to-sign-in", SIGN_INS, "/profile/email"):
        answer = inside.client.get(path)
        assert answer.status_code in (403, 404), path


def test_the_database_itself_takes_no_change(app: Flask, inside: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    def writes() -> str:
        session().execute(text("update portal.profile set given_name = 'Changed'"))
        return ""

    monkeypatch.setitem(app.view_functions, "home.home", writes)
    with pytest.raises(InternalError, match="read-only transaction"):
        inside.client.get("/home")


def test_the_button_on_each_page_ends_it(app: Flask, inside: Colleague) -> None:
    answer = inside.client.submit(_to="/visit/end")
    assert answer.location == "/desk"
    assert inside.client.get("/home").location.startswith("/sign-in")
    inside.get("/desk", 302)


def test_signing_out_there_ends_the_visit_and_not_the_desk(inside: Colleague) -> None:
    assert inside.client.post("/sign-out", data={"csrf_token": csrf(inside)}).location == "/desk"
    inside.get("/desk", 302)


def test_it_ends_after_a_quarter_of_an_hour(inside: Colleague, at: Clock) -> None:
    at.advance(minutes=14)
    inside.get("/home")
    at.advance(minutes=1)
    inside.get("/home", 403)
    assert "You no longer see this as the resident" in inside.client.page.h1
    assert inside.client.get("/home").status_code == 303


def test_it_ends_with_the_right(app: Flask, inside: Colleague) -> None:
    with app.app_context():
        session().execute(delete(StaffRightRow))
        session().commit()
    inside.get("/home", 403)
    assert inside.client.get("/home").status_code == 303


def test_it_ends_with_the_session_at_the_desk(app: Flask, inside: Colleague) -> None:
    inside.get("/desk/stay-signed-in")
    inside.post("/desk/sign-out")
    assert inside.client.get("/home").status_code in (303, 403)
    with app.app_context():
        assert session().scalars(select(SessionRow.ended_why).where(SessionRow.mode == "look")).one() == "staff_left"


def test_the_residents_cookie_alone_is_worth_nothing(app: Flask, inside: Colleague) -> None:
    with app.app_context():
        session().execute(update(StaffSessionRow).values(cookie_hash="another"))
        session().commit()
    inside.get("/home", 403)


def test_the_resident_sees_who_looked_when_and_why(app: Flask, inside: Colleague, sam: Account, case: Case) -> None:
    page = resident(app, "Sam").get("/who-looked")
    assert "The leader of a team" in page
    assert "They could change nothing.:" not in page
    assert f'href="/cases/{case.reference}">Pothole {case.reference}' in page
    assert REASON in page
    assert "The portal as you see it" in page
    assert "Tom" not in page
    with app.app_context():
        entry = session().scalars(select(AuditEntry).where(AuditEntry.act == "staff.look_began")).one()
    assert (entry.account_id, entry.actor) == (sam.id, inside.staff.actor)


def test_it_is_no_sign_in_of_the_residents(app: Flask, inside: Colleague) -> None:
    assert resident(app, "Sam").client.get(SIGN_INS).status_code == 200
    with app.test_request_context("/"):
        (owner,) = session().scalars(select(SessionRow.account_id).where(SessionRow.mode == "look"))
        assert len(queries.open_sessions(owner, Sessions())) == 1


@pytest.mark.parametrize(
    ("role", "team", "status"), [("caseworker", "north", 403), ("lead", "south", 404)], ids=["no-right", "other-team"]
)
def test_not_everybody_may(app: Flask, case: Case, role: str, team: str, status: int) -> None:
    colleague(app, "Other", role=role, team=team).get(f"/desk/see-as/{case.reference}", status)


def test_others_see_nothing_of_it(app: Flask, inside: Colleague) -> None:
    assert "Nobody has looked yet" in resident(app, "Robin").get("/who-looked")


def test_looking_as_a_resident_is_no_way_to_another_teams_case(app: Flask, sam: Account, case: Case) -> None:
    nora = colleague(app, "Nora", role="lead", team="north")
    nora.get(f"/desk/see-as/{case.reference}")
    answer = nora.client.submit(reason=REASON)
    assert answer.location == f"/cases/{case.reference}"
    nora.client.follow(answer)
    assert "Larkspur Lane" in nora.client.page.main
    with app.test_request_context("/"):
        place = Place("Larkspur Lane", None)
        other = file_report(sam, report_id=uuid.uuid4(), written=Written("pothole", place, "A hole."))
        session().execute(update(CaseRow).where(CaseRow.id == other.id).values(team="south"))
        session().commit()
    lists = ("/home", "/cases", "/activity", "/inbox", "/calendar", "/tasks", "/profile/history", "/who-looked")
    for path in (f"/cases/{other.reference}", *lists):
        nora.get(path, 403)
        assert other.reference not in nora.client.page.html
    assert "Your right is for some cases alone" in nora.client.page.main
    assert 'href="/desk">Go back' in nora.client.page.html


def test_each_visit_is_a_look_however_soon_it_follows_another(
    app: Flask, inside: Colleague, sam: Account, case: Case, at: Clock
) -> None:
    at.advance(minutes=5)
    inside.get(f"/desk/see-as/{case.reference}")
    inside.client.submit(reason=REASON)
    for _again in range(2):
        inside.get(f"/desk/assist/{sam.id}")
        inside.client.submit(channel="telephone", identity_check="known")
    with app.app_context():
        found = session().scalars(select(StaffLookRow.what).order_by(StaffLookRow.id)).all()
    assert [what for what in found if what in ("see_as", "assist")] == ["see_as", "see_as", "assist", "assist"]


@pytest.mark.parametrize("mode", ["look", "assist"])
def test_what_somebody_else_asked_the_resident_to_sign_is_shown_to_no_visitor(
    app: Flask, tom: Colleague, sam: Account, case: Case, mode: str
) -> None:
    signature = f"/signatures/{things_to_do(app, sam)['cosigning_id']}"
    tom.get(f"/desk/see-as/{case.reference}" if mode == "look" else f"/desk/assist/{sam.id}")
    asked = {"reason": REASON} if mode == "look" else {"channel": "telephone", "identity_check": "known"}
    tom.client.follow(tom.client.submit(**asked))
    for path in (signature, "/signatures", "/signatures/invitation/x"):
        tom.get(path, 403)
        assert "1 Mill Lane" not in tom.client.page.html


def test_a_page_that_is_refused_still_knows_who_is_there(inside: Colleague) -> None:
    inside.get("/profile/email", 403)
    assert "You see this as Sam does" in inside.client.page.html
    assert 'href="/sign-in"' not in inside.client.page.html
