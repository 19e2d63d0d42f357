"""A form filled in for a caller, and claimed by them later."""

import io
import re
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.accounts import claim_codes
from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.values import Account
from portal.audit.models import AuditEntry
from portal.cases.claiming import THEIRS
from portal.cases.models import CaseEventRow, CaseRow
from portal.cases.tasks import set_task
from portal.db.migrate import CORE
from portal.db.session import session
from portal.errors import Refused, TooMany
from portal.home.claiming import HANDED_OVER
from portal.identity.models import SessionRow
from services.reporting.models.reports import Report
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.cases import STAFF
from tests.support.fixtures import Clock
from tests.support.photos import photo
from tests.support.reports import fill_in
from tests.support.residents import Resident, resident
from tests.support.staff import Colleague, colleague
from tests.support.talk import new_case, talking
from tests.support.things import REPORTING

LEFT = {
    "account_hold": "nobody has signed in to it",
    "address": "the resident's own address counts",
    "audit_entry": "what was done stays as it was done",
    "basket_line": "only a signed-in resident fills one",
    "calendar_feed": "only a signed-in resident makes one",
    "case": "changed one by one, with an event each",
    "channel_choice": "the resident's own choices count",
    "claim_code": "used up: it goes with the claim",
    "contact_problem": "of addresses that the account never had",
    "delivery": "handed over by its room, with what waits to be sent",
    "email_change": "only a signed-in resident begins one",
    "held_post": "visits hold none",
    "identity": "nobody can sign in to it",
    "link_out_person": "only who has signed in to an application is known to it",
    "last_answer": "sealed for the account that asked: asked for anew",
    "join_code": "only a signed-in resident asks for one",
    "join_draft": "only a signed-in resident begins one",
    "joined_record": "only a signed-in resident joins one",
    "known_device": "nobody has signed in to it",
    "notice": "moved by itself, but for what they were told already",
    "payment": "only a signed-in resident makes one",
    "profile": "the resident's own name counts; this one goes with the claim",
    "session": "visits of staff, which are over",
    "sign_in_attempt": "nobody signs in to it",
    "sign_in_notice": "nobody has signed in to it",
    "verified_claim": "no provider has vouched for it",
    "waiting_candidate": "it has no address to be found by",
}

DONE_FOR_THEM = ["file.received", "case.cosign_asked", "case.cosign_withdrawn", "file.received", "file.deleted"]


@pytest.fixture
def sunita(app: Flask) -> Colleague:
    return colleague(app, role="caseworker")


def begin(who: Colleague, address: str, channel: str = "telephone") -> Resident:
    """Into the caller's place; as if it were a resident's browser."""
    who.get(address)
    answer = who.client.submit(channel=channel, identity_check="details")
    assert answer.location == "/home", who.client.page.errors
    who.client.follow(answer)
    return Resident(Account(uuid.uuid4(), "Cara", "en"), who.client)


def open_for(who: Colleague, name: str = "Cara") -> str:
    """A new account for a caller; the address of the page about it."""
    who.get("/desk/assist/new")
    answer = who.client.submit(given_name=name, family_name="Caller", phone="01632 960 001")
    return str(answer.location)


def report(at: Resident) -> str:
    """Through the very same form; the reference."""
    url = fill_in(at)
    assert "You are filling this in for Cara" in at.get(f"{url}/check")
    at.post(f"{url}/check")
    return url.rpartition("/")[2]


def code_for(who: Colleague, address: str) -> str:
    """A code, as it is read out."""
    who.get(address)
    who.client.submit(_to=f"{address}/code")
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", who.client.page.main)
    assert found
    return found[0]


def claim(at: Resident, code: str) -> Any:
    at.get("/claim")
    return at.client.submit(code=code)


def test_the_very_same_form_says_who_filled_it_in_and_how_it_came(app: Flask, sunita: Colleague) -> None:
    report(begin(sunita, open_for(sunita)))
    with app.app_context():
        case = session().scalars(select(CaseRow)).one()
        event = session().scalars(select(CaseEventRow)).one()
    assert (case.channel, case.opened_by, case.identity_check) == ("telephone", sunita.staff.actor, "details")
    assert event.actor == sunita.staff.actor


def test_what_staff_do_for_a_caller_is_said_to_be_theirs(app: Flask, sunita: Colleague) -> None:
    sam = resident(app, "Sam")
    with talking(app):
        with app.test_request_context("/"):
            case = new_case(sam.account)
            papers = set_task(case.id, kind="document", title="Send it", actor=STAFF, key="1")
            second = set_task(case.id, kind="cosign", title="Ask somebody", words="I agree.", actor=STAFF, key="2")
            session().commit()
        at = begin(sunita, f"/desk/assist/{sam.account.id}")
        at.get(f"/tasks/{papers.id}")
        at.post(f"/tasks/{papers.id}", file=(io.BytesIO(photo()), "photo.jpg"))
        at.post(f"/tasks/{second.id}", email="second@tests.example")
        at.post(f"/tasks/{second.id}/invitation/withdraw")
        url = fill_in(at)
        at.post(f"{url}/photo", photos=(io.BytesIO(photo()), "photo.jpg"))
        (remove,) = re.findall(r'action="([^"]+/remove)"', at.get(f"{url}/photo"))
        at.post(remove)
    with app.app_context():
        theirs = AuditEntry.account_id == sam.account.id, AuditEntry.act.in_(DONE_FOR_THEM)
        done = session().execute(select(AuditEntry.act, AuditEntry.actor).where(*theirs).order_by(AuditEntry.id)).all()
        events = session().scalars(select(CaseEventRow.actor).where(CaseEventRow.kind.like("cosign_%"))).all()
    assert done == [(act, sunita.staff.actor) for act in DONE_FOR_THEM]
    assert set(events) == {sunita.staff.actor}


def test_a_caller_is_found_and_reads_that_they_were(app: Flask, sunita: Colleague) -> None:
    sam = resident(app, "Sam")
    sunita.get("/desk/assist")
    sunita.client.submit(email="SAM@tests.example")
    assert "Sam Tester" in sunita.client.page.main
    page = sam.get("/who-looked")
    assert "Your name, in a search" in page
    assert "Sunita" not in page


def test_too_little_to_look_for_finds_nobody(app: Flask, sunita: Colleague) -> None:
    resident(app, "Sam")
    sunita.get("/desk/assist")
    sunita.client.submit(postcode="W6 9JU")
    assert "Enter an email address, or a last name" in str(sunita.client.page.errors)
    sunita.client.submit(family_name="Tester")
    assert "0 accounts" in sunita.client.page.main
    assert "Sam Tester" not in sunita.client.page.main


def test_how_they_sign_in_stays_the_callers_own(app: Flask, sunita: Colleague) -> None:
    sam = resident(app, "Sam")
    at = begin(sunita, f"/desk/assist/{sam.account.id}")
    for path in ("/ways-to-sign-in", "/sign-ins", "/profile/email", "/claim"):
        assert at.client.get(path).status_code == 403, path
    at.get("/home")
    for path in ("/your-data", "/profile/name", "/profile/phone", "/inbox/read", "/calendar/feed"):
        at.post(path, 403, given_name="Changed", family_name="Changed")
    assert "Only the resident can do this" in at.client.page.h1


def test_the_time_for_a_caller_ends_and_shows_what_was_typed(app: Flask, sunita: Colleague, at: Clock) -> None:
    caller = begin(sunita, open_for(sunita))
    url = caller.post(f"{REPORTING}/").location.rpartition("/")[0]
    for _step in range(6):
        at.advance(minutes=9)
        caller.get("/home")
    at.advance(minutes=7)
    caller.post(f"{url}/description", 403, description="A long text that took a while to type.")
    assert "You no longer fill this in for the caller" in caller.client.page.h1
    assert "A long text that took a while to type." in caller.client.page.html


def test_the_resident_claims_it_with_the_code(app: Flask, sunita: Colleague) -> None:
    address = open_for(sunita)
    report(begin(sunita, address))
    code = code_for(sunita, address)
    cara = resident(app, "Cara")
    cara.client.follow(claim(cara, code.lower().replace("-", " ")))
    assert "What we sent in for you is in your account now: 1 case" in cara.client.page.main
    with app.app_context():
        case = session().scalars(select(CaseRow)).one()
        assert case.account_id == cara.account.id
        assert session().scalars(select(Report.account_id)).one() == cara.account.id
        kinds = session().scalars(select(CaseEventRow.kind).order_by(CaseEventRow.id)).all()
        assert kinds == ["opened", "claimed"]
        assert set(session().scalars(select(CaseEventRow.account_id))) == {cara.account.id}
        source = session().scalars(select(AccountRow).where(AccountRow.id != cara.account.id)).one()
        assert (source.unclaimed_since, source.closed_at is None) == (None, False)
        assert session().get(ProfileRow, source.id) is None
        acts = session().scalars(select(AuditEntry.account_id).where(AuditEntry.act == "account.claimed")).all()
        assert set(acts) == {source.id, cara.account.id}
    cara.get(f"/cases/{case.reference}")
    assert "Your account, to fill in a form for you" in cara.get("/who-looked")


def test_a_case_that_was_claimed_says_that_staff_filled_it_in(app: Flask, sunita: Colleague) -> None:
    address = open_for(sunita)
    report(begin(sunita, address))
    sunita.post("/visit/end")
    code = code_for(sunita, address)
    sam = resident(app, "Sam")
    claim(sam, code)
    with app.app_context():
        reference = session().scalars(select(CaseRow.reference)).one()
    page = sam.get(f"/cases/{reference}")
    assert "We filled this in for you, by telephone" in page
    assert "You added this to your account" in page


def test_a_code_works_once_and_a_newer_one_replaces_it(app: Flask, sunita: Colleague) -> None:
    address = open_for(sunita)
    old, new = code_for(sunita, address), code_for(sunita, address)
    cara, eve = resident(app, "Cara"), resident(app, "Eve")
    for who, code, works in ((eve, old, False), (cara, new, True), (eve, new, False)):
        answer = claim(who, code)
        assert (answer.status_code == 303) is works
        if not works:
            assert "This code does not work" in str(who.client.page.errors)


def test_who_sends_their_code_once_more_reads_that_it_is_theirs_already(app: Flask, sunita: Colleague) -> None:
    code = code_for(sunita, open_for(sunita))
    cara = resident(app, "Cara")
    cara.client.follow(claim(cara, code))
    assert "There were no cases among it." in cara.client.page.main
    cara.client.follow(claim(cara, code))
    assert "You have added this to your account already." in cara.client.page.main


def test_a_code_is_good_for_a_month(app: Flask, sunita: Colleague, at: Clock) -> None:
    code = code_for(sunita, open_for(sunita))
    at.advance(days=31)
    claim(cara := resident(app, "Cara"), code)
    assert "This code does not work" in str(cara.client.page.errors)


def test_opening_a_link_uses_nothing_up(app: Flask, sunita: Colleague) -> None:
    code = code_for(sunita, open_for(sunita))
    cara = resident(app, "Cara")
    for _scanner in range(10):
        assert code in cara.get(f"/claim?code={code}")
    assert claim(cara, code).status_code == 303


def test_guessing_is_stopped(app: Flask, sunita: Colleague) -> None:
    code = code_for(sunita, open_for(sunita))
    with app.test_request_context("/"):
        eve = Account(uuid.uuid4(), "Eve", "en")
        for _guess in range(claim_codes.TRIES):
            with pytest.raises(Refused):
                claim_codes.take_code(eve, "2222-2222-2222")
        with pytest.raises(TooMany):
            claim_codes.take_code(eve, code)
        session().rollback()


def test_the_code_itself_is_kept_nowhere(app: Flask, sunita: Colleague) -> None:
    code = code_for(sunita, open_for(sunita)).replace("-", "")
    with app.app_context():
        kept = session().execute(CORE.metadata.tables["portal.claim_code"].select()).one()
    assert code not in str(kept)


def test_a_residents_own_account_gets_no_code(app: Flask, sunita: Colleague) -> None:
    sam = resident(app, "Sam")
    sunita.get(f"/desk/assist/{sam.account.id}")
    assert "Make a code" not in sunita.client.page.main
    sunita.post(f"/desk/assist/{sam.account.id}/code", 404)


def test_every_table_with_an_account_is_claimed_or_left_for_a_reason() -> None:
    named = {table.name for table in CORE.metadata.tables.values() if "account_id" in table.columns}
    claimed = {table.__tablename__ for table in (*THEIRS, *HANDED_OVER)}
    assert claimed.isdisjoint(LEFT)
    assert named == claimed | set(LEFT)


def test_the_visit_is_no_session_of_the_resident(app: Flask, sunita: Colleague) -> None:
    sam = resident(app, "Sam")
    begin(sunita, f"/desk/assist/{sam.account.id}", "desk")
    with app.app_context():
        visit = session().scalars(select(SessionRow).where(SessionRow.mode == "assist")).one()
    assert (visit.channel, visit.identity_check, visit.staff_id) == ("desk", "details", sunita.staff.id)


def filed_for(app: Flask, account: Account, team: str) -> str:
    """A report of theirs on that team's list; the reference."""
    with app.test_request_context("/"):
        place = Place("Larkspur Lane", None)
        case = file_report(account, report_id=uuid.uuid4(), written=Written("pothole", place, "A hole."))
        session().execute(update(CaseRow).where(CaseRow.id == case.id).values(team=team))
        session().commit()
    return case.reference


def test_who_may_help_with_one_service_sees_that_one_and_no_list_of_all(app: Flask) -> None:
    sam = resident(app, "Sam")
    mine, others = filed_for(app, sam.account, "north"), filed_for(app, sam.account, "south")
    nora = colleague(app, "Nora", role="caseworker", service="reporting", team="north")
    nora.get(f"/desk/assist/{sam.account.id}")
    answer = nora.client.submit(channel="telephone", identity_check="known")
    assert answer.location == f"/desk/assist/{sam.account.id}/forms"
    nora.client.follow(answer)
    assert sam.get("/who-looked").count("A caseworker, north") == 2  # her name, then her place
    nora.get(f"{REPORTING}/")
    nora.get(f"/cases/{mine}")
    for path in (f"/cases/{others}", "/home", "/activity", "/inbox", "/profile", "/who-looked"):
        assert nora.client.get(path).status_code == 403, path


def test_who_helps_for_a_whole_service_is_named_by_it(app: Flask) -> None:
    sam, nora = resident(app, "Sam"), colleague(app, "Nora", role="contact", service="reporting")
    nora.get(f"/desk/assist/{sam.account.id}")
    assert "Somebody who answers telephones and counters, Problems in the street" in sam.get("/who-looked")


def test_who_has_another_services_right_opens_no_form_of_this_one(app: Flask) -> None:
    sam = resident(app, "Sam")
    lib = colleague(app, "Lib", role="caseworker", service="libraries")
    lib.get(f"/desk/assist/{sam.account.id}")
    lib.client.follow(lib.client.submit(channel="desk", identity_check="known"))
    assert REPORTING not in lib.client.page.html
    lib.get(f"{REPORTING}/reports", 403)
