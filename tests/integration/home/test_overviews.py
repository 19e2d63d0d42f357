"""Where a resident sees all their cases together: the list of them, what has happened lately, and home."""

from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.accounts.models import ProfileRow
from portal.cases.values import Case
from portal.db.session import session
from portal.notify.contact_problems import note_failure
from portal.notify.models import OutboundMessage
from tests.integration.home.pothole import page_of, reply, report, sams
from tests.support.residents import Resident, resident, statements

__all__ = ["report", "sams"]


def test_cases_are_listed_and_filtered(app: Flask, sams: Resident, report: Case) -> None:
    assert report.reference in sams.get("/cases")
    assert report.reference in sams.get("/cases?state=open&service=reporting")
    assert report.reference not in sams.get("/cases?state=closed")
    assert report.reference in sams.get("/cases?service=nonsense&state=nonsense&before=nonsense")
    assert report.reference not in resident(app, "Olga").get("/cases")


def test_activity_is_filtered(app: Flask, sams: Resident, report: Case) -> None:
    reply(app, report, "We come tomorrow.")
    assert "We wrote to you" in sams.get("/activity?what=messages")
    assert "Received" not in sams.get("/activity?what=messages")
    assert "We wrote to you" not in sams.get("/activity?what=status&service=reporting")
    assert "We wrote to you" in sams.get("/activity?what=nonsense&service=nonsense")


def test_home_says_what_is_new(app: Flask, sams: Resident, report: Case) -> None:
    assert "in your inbox" not in sams.get("/home")
    reply(app, report, "One.")
    assert "1 new message in your inbox" in sams.get("/home")


def test_home_says_which_address_nothing_arrives_at(app: Flask, sams: Resident, report: Case) -> None:
    reply(app, report, "One.")
    with app.app_context():
        letter = session().scalars(select(OutboundMessage).where(OutboundMessage.channel == "email")).first()
        assert letter is not None
        note_failure(letter, clock.now())
        session().commit()
    assert "Our emails to sam@tests.example are not reaching you" in sams.get("/home")
    with app.app_context():
        session().execute(update(ProfileRow).values(email="new@tests.example"))
        session().commit()
    assert "are not reaching you" not in sams.get("/home")


def test_a_case_of_a_service_that_is_gone_still_has_a_page(app: Flask, sams: Resident, report: Case) -> None:
    known = app.extensions["moothall.case_types"]
    app.extensions["moothall.case_types"] = {}
    try:
        assert report.reference in sams.get(page_of(report))
        assert report.reference in sams.get("/cases")
    finally:
        app.extensions["moothall.case_types"] = known


def test_the_pages_cost_the_same_with_much_on_a_case(app: Flask, sams: Resident, report: Case) -> None:
    def cost(path: str) -> int:
        with statements(app) as seen:
            sams.get(path)
        return len(seen)

    reply(app, report, "The first: what is named costs one query more.")
    reply(app, report, "The first answer.", key="first")
    before = {path: cost(path) for path in (page_of(report), "/cases", "/inbox", "/activity")}
    for each in range(10):
        reply(app, report, f"Answer {each}.", key=f"key-{each}")
    after = {path: cost(path) for path in before}
    assert after == before
    assert max(after.values()) <= 10, after
