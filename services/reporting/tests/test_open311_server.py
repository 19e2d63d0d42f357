"""Our Open311 server: what it offers, what it shows, and that foreign clients understand it."""

import io
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import get_account, move_case, receive, session
from services.reporting.models.reports import Photo, Report
from services.reporting.operations.moderating import moderate_photo
from services.reporting.operations.photos import attach_photos
from services.reporting.tests.programs import Program, errors_of, faults_of, new_key
from tests.support.fixtures import Clock
from tests.support.photos import photo
from tests.support.switches import switched_off


def _close(reference: str) -> None:
    case_id = session().scalars(select(Report.case_id).where(Report.reference == reference)).one()
    actor = "staff:00000000-0000-4000-8000-000000000001"
    move_case(case_id, to="no_action", actor=actor, channel="desk", reason="It is gone.", rights={"work", "decide"})
    session().commit()


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client(), new_key(app))


def test_discovery_says_where_it_is_in_which_formats(program: Program) -> None:
    told = program.json("discovery")
    assert told["endpoints"][0]["url"] == "http://localhost/open311/v2"
    assert told["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    root = program.xml("discovery")
    assert root.findtext("endpoints/endpoint/specification") == "http://wiki.open311.org/GeoReport_v2"
    assert [each.text for each in root.iter("format")] == ["text/xml", "application/json"]
    assert "@" in root.findtext("contact", "")


def test_services_are_those_of_the_council_in_both_formats(program: Program) -> None:
    told = program.json("services")
    assert faults_of(told, "services") == []
    assert len(told) > 20
    root = program.xml("services")
    assert [each.findtext("service_code") for each in root.findall("service")] == [
        each["service_code"] for each in told
    ]
    pothole = next(each for each in told if each["service_code"] == "pothole")
    assert (pothole["service_name"], pothole["group"], pothole["type"]) == (
        "Pothole",
        "Roads and pavements",
        "realtime",
    )


def test_each_service_that_has_questions_defines_them(program: Program) -> None:
    asked = [each["service_code"] for each in program.json("services") if each["metadata"]]
    assert asked
    for code in asked:
        told = program.json(f"services/{code}")
        assert faults_of(told, "service-definition") == []
        root = program.xml(f"services/{code}")
        codes = [each.findtext("code") for each in root.findall("attributes/attribute")]
        assert codes == [each["code"] for each in told["attributes"]] != []
    amount = next(each for each in program.json("services/fly_tipping")["attributes"] if each["code"] == "amount")
    assert amount["values"][0] == {"key": "bag", "name": "A bag or a single item"}


def test_a_posted_report_is_shown_in_both_formats(program: Program, at: Clock) -> None:
    at.move_to("2026-11-22T09:30")
    reference = program.report(address_string="Outside 4 Larkspur Lane")
    (told,) = program.json("requests")
    assert faults_of([told], "requests") == []
    assert told["service_request_id"] == reference
    assert told["status"] == "open"
    assert told["requested_datetime"] == "2026-11-22T09:30:00Z"
    assert (told["lat"], told["long"]) == (51.4927, -0.2339)
    assert (told["description"], told["address"]) == ("A deep hole by the kerb.", "Outside 4 Larkspur Lane")
    assert told["agency_responsible"] == "Marlowe Borough Council"
    assert program.json(f"requests/{reference}") == [told]
    (shown,) = program.xml(f"requests/{reference}")
    assert shown.tag == "request"
    assert {field.tag: field.text for field in shown} == {
        name: None if value is None else str(value) for name, value in told.items()
    }


def test_nobody_is_named(program: Program) -> None:
    who = {"first_name": "Winifred", "last_name": "Oxblood", "email": "w@tests.example", "phone": "020 7946 0000"}
    reference = program.report(**who)
    shown = program.get(f"requests/{reference}.json").text + program.get("requests.xml").text
    assert not [word for word in ("Winifred", "Oxblood", "tests.example", "7946") if word in shown]


def test_a_report_that_changes_is_shown_as_it_is_now(app: Flask, program: Program) -> None:
    reference = program.report()
    assert program.json("requests")[0]["status"] == "open"
    with app.app_context():
        _close(reference)
    (told,) = program.json("requests")
    assert (told["status"], told["status_notes"]) == ("closed", None)
    assert told["updated_datetime"] >= told["requested_datetime"]
    assert program.xml("requests").findtext("request/status") == "closed"
    assert program.json("requests", status="open") == []
    assert len(program.json("requests", status="closed")) == len(program.json("requests", status="open,closed")) == 1


def test_private_reports_look_like_none(program: Program) -> None:
    reference = program.report(service_code="rough_sleeper", **{"attribute[when]": "night"})
    assert program.json("requests") == []
    assert program.json("requests", service_request_id=reference) == []
    theirs, nobodys = program.get(f"requests/{reference}.xml"), program.get("requests/2222-2222.xml")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.data == nobodys.data


def test_ids_overrule_all_other_arguments(program: Program) -> None:
    first, second = program.report(), program.report(description="Another hole.")
    program.report(description="A third one.")
    told = program.json(
        "requests", service_request_id=f"{first.lower()},{second}", status="closed", service_code="graffiti"
    )
    assert {each["service_request_id"] for each in told} == {first, second}


def test_lists_are_narrowed_by_service_and_by_time(program: Program, at: Clock) -> None:
    at.move_to("2026-08-01T12:00")
    program.report(description="Long ago.")
    at.move_to("2026-11-20T12:00")
    program.report(description="Lately.")
    program.report(service_code="graffiti", description="Paint.")

    def said(**params: str) -> list[str]:
        return [each["description"] for each in program.json("requests", **params)]

    assert said() == ["Paint.", "Lately."] or said() == ["Lately.", "Paint."]
    assert said(service_code="graffiti") == ["Paint."]
    assert said(start_date="2026-07-01T00:00:00Z", end_date="2026-09-01T00:00:00Z") == ["Long ago."]
    assert said(start_date="2026-11-20T12:00:00Z", service_code="pothole,graffiti,nothing") != []
    assert said(updated_before="2026-08-02T00:00:00Z") == ["Long ago."]


def test_pages_follow_each_other_without_gap_or_repeat(program: Program, at: Clock) -> None:
    at.move_to("2026-11-20T12:00")
    for number in range(5):
        at.advance(minutes=1)
        program.report(description=f"Hole {number}.")
    pages = [program.json("requests", page=number, page_size=2) for number in (1, 2, 3, 4)]
    assert [[each["description"][5] for each in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"], []]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("requests/ABCD-1234", 404),
        ("requests/%00", 404),
        ("services/nothing", 404),
        ("services/pothole%27", 404),
        ("tokens/nothing", 404),
        ("tokens/00000000-0000-4000-8000-000000000000", 404),
        ("nothing", 404),
        ("requests", 400),
    ],
)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_refusals_come_in_the_format_that_was_asked_for(program: Program, path: str, status: int, form: str) -> None:
    answer = program.get(f"{path}.{form}", status="neither" if status == 400 else "")
    assert answer.status_code == status
    assert answer.content_type == {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}[form]
    assert [code for code, _sentence in errors_of(answer)] == [status]
    assert all(sentence for _code, sentence in errors_of(answer))


def test_an_address_without_a_format_is_answered_in_xml(program: Program) -> None:
    answer = program.get("requests")
    assert (answer.status_code, errors_of(answer)[0][0]) == (404, 404)


@pytest.mark.parametrize("path", ["services", "requests", "discovery", "services/pothole"])
def test_another_jurisdiction_is_not_found(program: Program, path: str) -> None:
    assert program.get(f"{path}.json", jurisdiction_id="marlowe.example").status_code == 200
    assert program.get(f"{path}.json", jurisdiction_id="").status_code == 200
    answer = program.get(f"{path}.json", jurisdiction_id="sfgov.org")
    assert (answer.status_code, errors_of(answer)) == (404, [(404, "jurisdiction_id provided was not found")])


def test_a_token_leads_to_its_report(app: Flask, program: Program) -> None:
    reference = program.report()
    with app.app_context():
        token = str(session().scalars(select(Report.id).where(Report.reference == reference)).one())
    assert program.json(f"tokens/{token}") == [{"service_request_id": reference, "token": token}]
    assert program.xml(f"tokens/{token}").findtext("request/service_request_id") == reference


def test_welsh_is_there_for_whoever_asks(program: Program) -> None:
    names = {each["service_name"] for each in program.json("services", lang="cy")}
    assert "Tipio anghyfreithlon" in names
    program.report()
    english, welsh = program.json("requests"), program.json("requests", lang="cy")
    assert english[0]["service_name"] != welsh[0]["service_name"]


def test_any_site_may_show_what_is_public(program: Program) -> None:
    answer = program.get("requests.json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    asked_first = program.client.options("/open311/v2/requests.json")
    assert "Idempotency-Key" in asked_first.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Expose-Headers"] == "ETag, Retry-After"


def test_a_moment_is_utc(program: Program, at: Clock) -> None:
    at.move_to("2026-07-01T12:00")
    program.report()
    told = program.json("requests")[0]["requested_datetime"]
    assert datetime.fromisoformat(told) == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_a_photo_is_shown_once_a_moderator_has_let_it(app: Flask, program: Program) -> None:
    reference = program.report()
    with app.app_context():
        report = session().scalars(select(Report).where(Report.reference == reference)).one()
        assert report.account_id is not None
        stored = receive(io.BytesIO(photo()), account_id=report.account_id, service="reporting", purpose="photo")
        attach_photos(get_account(report.account_id), report.id, [stored.id])
        session().commit()
        assert program.json("requests")[0]["media_url"] is None
        photo_id = session().scalars(select(Photo.id)).one()
        moderate_photo("staff:00000000-0000-4000-8000-000000000001", photo_id=photo_id, shown=True)
        session().commit()
    address = program.json("requests")[0]["media_url"]
    assert address.startswith("http://localhost/services/reporting/")
    assert reference in address


def test_who_has_the_answer_already_is_sent_nothing(program: Program) -> None:
    program.report()
    first = program.get("requests.json")
    headers = {"If-None-Match": first.headers["ETag"]}
    again = program.client.get("/open311/v2/requests.json", headers=headers)
    assert (again.status_code, again.data) == (304, b"")
    weakened = {"If-None-Match": f'"other", W/{first.headers["ETag"]}'}
    assert program.client.get("/open311/v2/requests.json", headers=weakened).status_code == 304
    assert program.client.get("/open311/v2/requests.xml", headers=headers).status_code == 200
    program.report(description="Another.")
    assert program.client.get("/open311/v2/requests.json", headers=headers).status_code == 200


def test_switched_off_it_says_so_in_the_format_asked_for(app: Flask, program: Program) -> None:
    switched_off(app, "reporting")
    answer = program.get("requests.json")
    assert (answer.status_code, errors_of(answer)) == (503, [(503, "This service is closed for the moment.")])
    assert errors_of(program.send("requests.xml"))[0][0] == 503
