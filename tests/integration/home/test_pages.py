"""Home, activity and the data file, with the whole portal behind them."""

import json
import re
import uuid
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.accounts.models import ProfileRow
from portal.accounts.values import Account
from portal.app import create_app
from portal.audit.queries import entries_about
from portal.db.session import dispose, session
from portal.home.data import how_long
from portal.registry import switches
from portal.registry.mount import mounted
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.forms import post
from tests.support.people import sign_in
from tests.support.reports import begin_at, say_what
from tests.support.residents import resident
from tests.support.settings import PROVIDER, settings_for


def switch(app: Flask, slug: str, on: bool, **reason: str) -> None:
    with app.app_context():
        if on:
            switches.switch_on(slug, actor="system:tests")
        else:
            switches.switch_off(slug, actor="system:tests", **reason)
        session().commit()


def test_strangers_see_the_front_page_and_what_is_behind_it(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "One account for your council" in page
    assert "Report a problem" in page


def test_pages_for_everyone_are_on_the_front_page_and_open_to_strangers(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        cards = [card for each in mounted() for card in each.service.for_everyone]
    page = client.get("/").text
    assert len(cards) >= 3
    for card in cards:
        assert f'href="{card.url}"' in page
        assert client.get(card.url).status_code == 200, card.url


def test_what_is_switched_off_leaves_the_front_page(app: Flask, client: FlaskClient) -> None:
    link = 'href="/services/reporting/problems/near"'
    assert link in client.get("/").text
    switch(app, "reporting", on=False, reason="We are counting the potholes.", reason_cy="Rydym yn cyfrif y tyllau.")
    assert link not in client.get("/").text
    switch(app, "reporting", on=True)


def test_the_front_page_leads_the_signed_in_home(sams: FlaskClient) -> None:
    assert sams.get("/").location == "/home"


def test_help_and_your_details_lead_to_sign_ins_ways_in_and_proof(client: FlaskClient, sams: FlaskClient) -> None:
    page = client.get("/help").text
    for path in ("/sign-ins", "/ways-to-sign-in"):
        assert f'href="{path}"' in page
    assert "/prove-your-identity" not in sams.get("/profile").text  # none of the providers can do it


def test_your_details_lead_to_proof_where_a_provider_can_give_it(clean_database: str, sam: Account) -> None:
    able = PROVIDER.model_copy(update={"acr_levels": {"documents": "high"}})
    app = create_app(settings_for(clean_database, providers={"moothall": able}), [])
    client = app.test_client()
    sign_in(app, client, sam)
    page = client.get("/profile").text
    with app.app_context():
        dispose()
    assert 'href="/prove-your-identity"' in page


def test_home_greets_by_name_and_shows_each_service(sams: FlaskClient) -> None:
    page = sams.get("/home").text
    assert "Hello Sam." in page
    assert 'id="service-reporting"' in page


def test_a_service_that_is_off_says_why_on_home_and_answers_503(app: Flask, sams: FlaskClient) -> None:
    switch(app, "reporting", on=False, reason="We are counting the potholes.", reason_cy="Rydym yn cyfrif y tyllau.")
    assert "We are counting the potholes." in sams.get("/home").text
    refused = sams.get("/services/reporting/")
    assert refused.status_code == 503
    assert "We are counting the potholes." in refused.text
    assert "Rydym yn cyfrif" in sams.get("/services/reporting/?lang=cy").text
    switch(app, "reporting", on=True)
    assert sams.get("/services/reporting/").status_code == 200


def test_a_stranger_learns_that_a_service_is_off_before_signing_in(app: Flask, client: FlaskClient) -> None:
    switch(app, "reporting", on=False, reason="We are counting the potholes.", reason_cy="Rydym yn cyfrif y tyllau.")
    front = client.get("/").text
    assert "We are counting the potholes." in front
    assert 'href="/services/reporting/"' not in front
    refused = client.get("/services/reporting/")
    assert refused.status_code == 503
    assert "We are counting the potholes." in refused.text
    assert "Rydym yn cyfrif" in client.get("/?lang=cy").text
    switch(app, "reporting", on=True)
    assert 'href="/services/reporting/"' in client.get("/").text
    assert client.get("/services/reporting/reports").status_code == 303


def test_who_is_signed_in_stays_so_on_the_page_of_a_service_that_is_off(app: Flask, sams: FlaskClient) -> None:
    switch(app, "reporting", on=False)
    assert "Sign out" in sams.get("/services/reporting/").text
    switch(app, "reporting", on=True)


def test_the_front_page_leads_straight_to_the_only_provider(client: FlaskClient) -> None:
    page = client.get("/").text
    assert re.search(
        r'<form method="post" action="/sign-in/moothall"[^>]*>.{0,400}Sign in or create an account', page, re.S
    )
    begun = post(client, "/sign-in/moothall", {}, page="/")
    assert begun.status_code == 503  # nobody listens at the provider of the tests; it was asked


def test_the_front_page_leads_to_the_choice_where_there_are_several_providers(clean_database: str) -> None:
    several = {"moothall": PROVIDER, "other": PROVIDER.model_copy(update={"issuer": "http://127.0.0.1:9/other"})}
    app = create_app(settings_for(clean_database, providers=several), [])
    page = app.test_client().get("/").text
    with app.app_context():
        dispose()
    assert re.search(r'<a href="/sign-in"[^>]*>Sign in or create an account', page)
    assert "/sign-in/moothall" not in page


def test_the_data_file_holds_every_part_and_is_on_record(app: Flask, sams: FlaskClient, sam: Account) -> None:
    answer = post(sams, "/your-data", {})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    parts = json.loads(answer.text)
    assert {"account", "profile", "addresses", "cases", "drafts", "files", "messages", "services"} <= parts.keys()
    assert "reporting" in parts["services"]
    assert "sam@tests.example" in answer.text
    assert "data.exported" in acts_about(app, sam)


def test_the_data_file_is_flat_with_iso_times_and_words_beside_codes(
    app: Flask, sams: FlaskClient, sam: Account
) -> None:
    with app.test_request_context("/"):
        place = Place("Larkspur Lane", None)
        filed = file_report(sam, report_id=uuid.uuid4(), written=Written("pothole", place, "A hole."))
        session().execute(update(ProfileRow).values(contact_by="letter"))
        session().commit()
    text = post(sams, "/your-data", {}).text
    parts = json.loads(text)
    assert parts["account"]["id"] == str(sam.id)
    assert parts["profile"]["contact_by_title"] == "Letter"
    case = next(each for each in parts["cases"] if each["reference"] == filed.reference)
    assert case["service_title"] == "Problems in the street"
    assert case["type_title"] != case["type"]
    assert case["status_title"] != case["status"]
    assert {"status", "status_title"} <= case["events"][0].keys()
    assert not re.search(r'"\d{4}-\d\d-\d\d \d\d:', text)
    for moment in (parts["made_at"], case["opened_at"], case["events"][0]["at"]):
        assert datetime.fromisoformat(moment).tzinfo is not None


def test_the_data_page_says_in_years_how_long_a_service_keeps_data(sams: FlaskClient) -> None:
    assert "2 years after the report is closed" in sams.get("/your-data").text
    assert (
        "Which businesses you act for: until you leave them or your account is closed." in sams.get("/your-data").text
    )
    assert "2 flynedd ar ôl" in sams.get("/your-data?lang=cy").text


def test_a_period_is_in_years_where_it_is_whole_years() -> None:
    assert [how_long(days) for days in (1, 90, 365, 400, 730)] == ["1 day", "90 days", "1 year", "400 days", "2 years"]


def acts_about(app: Flask, account: Account) -> list[str]:
    with app.app_context():
        return [entry.act for entry in entries_about(account.id)]


def test_what_was_typed_when_a_service_was_switched_off_can_be_sent_again(app: Flask, sam: Account) -> None:
    at_browser = resident(app, "Sam")
    url = begin_at(at_browser)
    say_what(at_browser, url)
    at_browser.post(f"{url}/where", where="street")
    at_browser.get(f"{url}/street")
    switch(app, "reporting", on=False, reason="Closed for an hour.")
    closed = at_browser.post(f"{url}/street", status=503, street="Larkspur Lane", whereabouts="By the <b>bank</b>")
    assert "We have kept what you typed" in closed.text
    switch(app, "reporting", on=True)
    sent_again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', closed.text))
    assert sent_again["whereabouts"] == "By the &lt;b&gt;bank&lt;/b&gt;"
    answer = at_browser.client.post(f"{url}/street", data=sent_again)
    assert answer.status_code == 303


@pytest.mark.parametrize("path", ["/cases", "/profile", "/help"])
def test_what_staff_filled_in_can_be_found_to_be_claimed(sams: FlaskClient, path: str) -> None:
    assert 'href="/claim"' in sams.get(path).text


def test_help_says_where_things_are(client: FlaskClient) -> None:
    page = client.get("/help").text
    for path in ("/cases", "/tasks", "/inbox", "/calendar", "/claim"):
        assert f'href="{path}"' in page, path


def test_the_data_page_says_what_is_not_in_the_file_and_leads_back_to_your_details(sams: FlaskClient) -> None:
    page = sams.get("/your-data").text
    assert "Notes that our staff write for each other about a case are not in the file" in page
    assert '<a href="/profile" class="govuk-back-link"' in page or 'class="govuk-back-link" href="/profile"' in page
