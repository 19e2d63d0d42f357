"""What a page, a view or a service demands, and the page that asks for it."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal.app import create_app
from portal.db.session import dispose
from portal.identity.assurance import Assurance, Demand
from portal.registry.discovery import load
from tests.integration.identity.conftest import TOKEN, Browser, query_of
from tests.support.fixtures import Clock
from tests.support.people import sign_in, someone
from tests.support.settings import settings_for


@pytest.mark.parametrize("wanted", ["/home", "/", "//evil.example", "/send-only", "/sign-in", "/\\evil", "/letter"])
def test_the_page_leads_on_at_once_when_nothing_is_missing(browser: Browser, wanted: str) -> None:
    browser.sign_in()
    answer = browser.client.get("/confirm-it-is-you", query_string={"next": wanted})
    assert answer.status_code == 302
    assert answer.headers["Location"] == (wanted if wanted in ("/home", "/letter") else "/")


def test_nobody_is_led_to_prove_less_than_the_page_needs(browser: Browser) -> None:
    browser.sign_in()
    token = browser.token("/note")
    sent = {"csrf_token": token, "provider": "town", "next": "/extra", "level": "LOW", "fresh": "9999999"}
    address = browser.client.post("/confirm-it-is-you", data=sent).headers["Location"]
    assert query_of(address)["acr_values"] == "documents"


def test_a_stranger_is_asked_to_sign_in_first(browser: Browser) -> None:
    assert browser.client.get("/confirm-it-is-you?next=/extra").headers["Location"].startswith("/sign-in?next=")


def test_the_form_may_lead_to_the_provider(browser: Browser) -> None:
    browser.sign_in()
    policy = browser.client.get("/confirm-it-is-you?next=/extra").headers["Content-Security-Policy"]
    assert browser.provider.origin in policy


def test_demands_join_to_the_stricter_of_both() -> None:
    ten, five = Demand(Assurance.LOW, timedelta(minutes=10)), Demand(Assurance.HIGH, timedelta(minutes=5))
    assert ten.joined(five) == five.joined(ten) == five
    assert ten.joined(Demand(Assurance.MEDIUM)) == Demand(Assurance.MEDIUM, timedelta(minutes=10))
    with pytest.raises(ValueError, match="at least a minute"):
        Demand(fresh=timedelta(seconds=59))


def test_a_service_demands_more_by_its_manifest_and_by_one_view(clean_database: str, at: Clock) -> None:
    app = create_app(settings_for(clean_database), [load("tests.support.services.allotments")])
    client, start, step = app.test_client(), "/services/allotments/", "/services/allotments/give-up"
    person = someone(app, "Sam")
    sign_in(app, client, person)
    assert (client.get(start).status_code, client.get(step).status_code) == (200, 303)
    sign_in(app, client, person, Assurance.MEDIUM)
    assert client.get(step).status_code == 200
    at.advance(minutes=11)
    assert (client.get(start).status_code, client.get(step).status_code) == (200, 303)
    for _ in range(4):
        at.advance(minutes=29)
        client.get("/home")
    assert client.get(start).headers["Location"] == "/confirm-it-is-you?next=%2Fservices%2Fallotments%2F"
    with app.app_context():
        dispose()


@pytest.mark.usefixtures("clean_database")
def test_the_portal_s_own_pages_that_can_do_lasting_harm_ask_for_a_fresh_sign_in(sams: FlaskClient, at: Clock) -> None:
    page = sams.get("/your-data").text
    at.advance(minutes=16)
    token = TOKEN.search(page)[1]  # type: ignore[index]  # there is a form
    sent = sams.post("/your-data", data={"csrf_token": token})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/confirm-it-is-you?next=%2Fyour-data")
    assert sams.get("/your-data").status_code == 200
    assert sams.get("/profile/email").headers["Location"] == "/confirm-it-is-you?next=%2Fprofile%2Femail"
    assert sams.get("/profile").status_code == 200
