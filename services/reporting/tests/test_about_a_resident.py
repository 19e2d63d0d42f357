"""What the service shows, exports and forgets of a resident; its demo data."""

import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import column, select, table, update

from portal.kit import Account, cases_of, clock, find_file, get_case, move_case, session
from services.reporting import workflow
from services.reporting.models.reports import Photo, Report
from services.reporting.operations import forgetting
from services.reporting.operations.sending import file_report
from services.reporting.queries import about, own
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written
from services.reporting.service import SERVICE
from services.reporting.tests.conftest import START, Begin
from tests.support.nights import let_go
from tests.support.photos import photo
from tests.support.residents import Resident, statements

HERE = Place("51.49270, -0.23390", Point(51.4927, -0.2339), "900000000001")

STAFF = "staff:00000000-0000-4000-8000-000000000007"
CASES = table("case", *map(column, ("id", "type", "summary", "status", "closed_at")), schema="portal")


def file(account: Account, count: int = 1, category: str = "pothole") -> list[UUID]:
    """Reports of a resident, committed; their cases."""
    cases = [
        file_report(account, report_id=uuid4(), written=Written(category, HERE, "A hole")).id for _ in range(count)
    ]
    session().commit()
    return cases


def test_home_invites_who_has_no_open_report(ada: Resident, context: Flask) -> None:
    (card,) = about.home_cards(ada.account)
    assert card.url == "/services/reporting/"
    (case,) = file(ada.account)
    for status in ("with_team", "fixed"):
        move_case(case, to=status, actor="staff:7", channel="desk", rights={"work", "decide"})
    assert about.home_cards(ada.account) == [card]


def test_home_shows_the_newest_open_report_and_how_many_there_are(ada: Resident, context: Flask) -> None:
    file(ada.account)
    newest, _another = about.home_cards(ada.account)
    assert (newest.title, newest.tag) == ("Pothole", "Received")
    reference = cases_of(ada.account.id)[0].reference
    assert newest.url == f"/cases/{reference}"
    file(ada.account, category="graffiti")
    newest, _another = about.home_cards(ada.account)
    assert newest.title == "Graffiti"
    assert str(newest.text).endswith("You have 2 open reports.")
    assert newest.url == "/services/reporting/reports"
    assert "Graffiti" in ada.get("/home")


def test_an_open_report_is_counted_however_many_were_closed_since(ada: Resident, context: Flask) -> None:
    (old,) = file(ada.account)
    file(ada.account, 50)
    closed = update(CASES).where(CASES.c.id != old).values(closed_at=clock.now())
    session().execute(closed)
    session().commit()
    newest, _another = about.home_cards(ada.account)
    assert str(newest.text).endswith("You have 1 open report.")
    assert newest.url == f"/cases/{get_case(ada.account.id, old).reference}"
    file(ada.account, 60)
    newest, _another = about.home_cards(ada.account)
    assert str(newest.text).endswith("You have 50 or more open reports.")


@pytest.mark.parametrize("path", [f"{START}/", f"{START}/reports", "/home"])
def test_pages_cost_the_same_with_200_reports_as_with_10(ada: Resident, context: Flask, path: str) -> None:
    file(ada.account, 10)
    ada.get(path)
    with statements(context) as few:
        ada.get(path)
    file(ada.account, 190)
    with statements(context) as many:
        ada.get(path)
    assert len(many) == len(few)
    assert sum("FROM reporting." in each or "portal.draft" in each for each in few) <= 4  # home asks other services too


def test_the_places_of_a_list_are_read_at_once(ada: Resident, context: Flask) -> None:
    file(ada.account, 20)
    with statements(context) as seen:
        own.reports_of(ada.account, most=20)
    assert len(seen) == 2


def test_export_holds_everything_that_was_told(ada: Resident, ben: Resident, context: Flask) -> None:
    (case,) = file(ada.account)
    (report,) = about.everything_about(ada.account)["reports"]
    assert report["case"] == case
    assert (report["description"], report["place"], report["latitude"]) == ("A hole", HERE.text, 51.4927)
    assert not any(about.everything_about(ben.account).values())
    answer = ada.post("/your-data", 200)
    assert "A hole" in answer.get_data(as_text=True)


def test_forgetting_keeps_the_fault_without_the_person(
    ada: Resident, ben: Resident, context: Flask, begin: Begin
) -> None:
    journey = begin(ada).up_to("photo")
    journey.answer("photo", photos=(io.BytesIO(photo()), "a.jpg"))
    journey.send()
    file(ada.account)
    (kept,) = file(ben.account)
    photo_id = session().scalar(select(Photo.file_id))
    assert photo_id
    forgetting.forget(ada.account)
    session().commit()
    rows = session().scalars(select(Report).where(Report.case_id != kept).order_by(Report.category)).all()
    assert [row.category for row in rows] == ["fly_tipping", "pothole"]
    for row in rows:
        assert (row.account_id, row.place, row.uprn, row.description, row.answers) == (None, "", None, "", {})
    assert (rows[1].lat, rows[1].lon) == (51.4927, -0.2339)
    assert find_file(ada.account.id, photo_id) is None
    assert len(about.everything_about(ben.account)["reports"]) == 1


def test_reports_closed_long_ago_let_go_of_the_person(ada: Resident, context: Flask) -> None:
    old, recent, still_open = file(ada.account, 3)
    for case in (old, recent):
        move_case(case, to="no_action", actor="staff:7", channel="desk", reason="None.", rights={"work", "decide"})
    session().execute(update(Report).where(Report.case_id == old).values(closed_at=clock.now() - timedelta(days=731)))
    let_go()
    session().commit()
    kept = session().scalars(select(Report.case_id).where(Report.account_id == ada.account.id)).all()
    assert set(kept) == {recent, still_open}
    assert "no longer keep it" in ada.get(f"/cases/{get_case(ada.account.id, old).reference}")
    assert SERVICE.retention[0].days == 730


def test_a_report_says_by_when_we_look_and_then_that_we_are_late(ada: Resident, context: Flask) -> None:
    (fresh,) = file(ada.account)
    with clock.as_of(clock.now() - timedelta(days=30)):
        (old,) = file(ada.account)

    def page(case: UUID) -> str:
        return ada.get(f"/cases/{get_case(ada.account.id, case).reference}")

    assert "We aim to finish by" in page(fresh)
    assert "We are late: we meant to finish by" in page(old)
    for status in ("with_team", "fixed"):
        move_case(old, to=status, actor="staff:7", channel="desk", rights={"work", "decide"})
    session().commit()
    assert "finish by" not in page(old)


def test_every_status_has_a_colour() -> None:
    assert {status.code for status in workflow.STATUSES} == set(workflow.TAG_COLOURS)


def test_the_service_says_that_it_is_well(context: Flask) -> None:
    assert SERVICE.check().ok


def test_a_report_of_a_kind_that_was_given_up_is_still_listed(ada: Resident, context: Flask) -> None:
    (case,) = file(ada.account)
    given_up = {"type": "yellow_lines", "summary": "yellow_lines", "status": "lost"}
    session().execute(update(CASES).where(CASES.c.id == case).values(given_up))
    session().commit()
    page = ada.get("/services/reporting/")
    assert "yellow_lines" in page
    assert "lost" in page
