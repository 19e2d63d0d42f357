"""More proof for a page that demands it: asked for, checked, only from the same person, and back to the same step."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.app import create_app
from portal.db.session import dispose
from portal.identity.assurance import Assurance, Demand
from portal.registry.discovery import load
from tests.integration.identity.conftest import TOKEN, Browser, provider_settings, query_of
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider
from tests.support.pages import Page, faults
from tests.support.people import sign_in, someone
from tests.support.settings import settings_for

OPEN = "ended_at is null"


def signed_in_for(browser: Browser, at: Clock, minutes: int) -> None:
    browser.sign_in()
    at.advance(minutes=minutes)
    assert browser.is_signed_in()


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("moothall_session")
    assert found
    return found.value


def asks_again(browser: Browser, page: str) -> str:
    """The page that asks for more proof, in place of `page`."""
    answer = browser.client.get(page)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith("/confirm-it-is-you?next=")
    shown = browser.client.get(answer.headers["Location"])
    assert shown.status_code == 200
    assert faults(Page(shown.text)) == []
    return shown.text


def test_a_level_is_asked_for_and_the_resident_comes_back(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    assert "Prove who you are to go on" in asks_again(browser, "/strict/page?a=1")
    browser.provider.claims["acr"] = "documents"
    answer = browser.prove_more("/strict/page?a=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/strict/page?a=1")
    assert browser.client.get("/strict/page?a=1").text == "strict page"
    assert browser.provider.authorizations[-1]["acr_values"] == "checked documents"
    assert rows("select act from portal.audit_entry where act like 'identity%' order by id") == [
        ("identity.signed_in",),
        ("identity.stepped_up",),
    ]


def test_only_the_values_that_are_enough_are_asked_for(browser: Browser) -> None:
    browser.sign_in()
    assert "acr_values" not in browser.provider.authorizations[-1]
    browser.leave_to_prove("/extra")
    browser.provider.claims["acr"] = "documents"
    browser.prove_more("/extra")
    assert browser.provider.authorizations[-1]["acr_values"] == "documents"


@pytest.mark.parametrize("acr", [None, "odd", "checked", 7, ["documents"]])
def test_rp_48_a_weaker_acr_than_was_asked_for_is_refused(browser: Browser, acr: Any) -> None:
    browser.sign_in()
    before = cookie(browser)
    browser.provider.claims["acr"] = acr
    answer = browser.prove_more("/extra")
    assert answer.status_code == 403
    assert "We still need to be sure that it is you" in answer.text
    assert faults(Page(answer.text)) == []
    assert browser.client.get("/extra").status_code == 303
    assert cookie(browser) == before
    assert browser.is_signed_in()


def test_a_fresh_page_is_open_at_first_and_asks_later(browser: Browser, at: Clock) -> None:
    browser.sign_in()
    assert browser.client.get("/letter").status_code == 200
    at.advance(minutes=10, seconds=1)
    page = asks_again(browser, "/letter")
    assert "Confirm that it is you" in page
    assert "within the last 10 minutes" in page
    answer = browser.prove_more("/letter")
    assert answer.headers["Location"] == "/letter"
    assert browser.client.get("/letter").status_code == 200
    asked = browser.provider.authorizations[-1]
    assert (asked["max_age"], asked["prompt"]) == ("600", "login")


def test_a_provider_that_does_not_say_when_it_made_sure_of_somebody_proves_nothing_fresh(browser: Browser) -> None:
    browser.provider.claims["auth_time"] = None
    browser.sign_in()
    assert browser.client.get("/letter").status_code == 303


@pytest.mark.parametrize(("max_age", "prompt"), [(True, False), (False, True)])
def test_gov_09_max_age_and_prompt_are_sent_only_where_they_are_allowed(
    make: Any, provider: HostileProvider, at: Clock, max_age: bool, prompt: bool
) -> None:
    browser = make(provider, max_age=max_age, prompt_login=prompt)
    signed_in_for(browser, at, 11)
    assert browser.prove_more("/letter").status_code == 303
    asked = provider.authorizations[-1]
    assert (("max_age" in asked), ("prompt" in asked)) == (max_age, prompt)
    assert {"max_age", "prompt"}.isdisjoint(provider.authorizations[0])


@pytest.mark.parametrize("order", [None, lambda honest: honest + 3600])
def test_gov_09_an_auth_time_that_proves_nothing_is_refused(browser: Browser, at: Clock, order: Any) -> None:
    signed_in_for(browser, at, 11)
    browser.provider.claims["auth_time"] = order
    assert browser.prove_more("/letter").status_code == 403
    assert browser.client.get("/letter").status_code == 303


def test_gov_09_ux_03_an_old_auth_time_starts_over_once_and_then_ends_on_a_page(browser: Browser, at: Clock) -> None:
    signed_in_for(browser, at, 11)
    browser.provider.claims["auth_time"] = lambda honest: honest - 3600
    address, redirects = browser.leave_to_prove("/letter").headers["Location"], 0
    while True:
        answer = browser.come_back(browser.provider.authorize(address))
        if answer.status_code != 303:
            break
        address, redirects = answer.headers["Location"], redirects + 1
        assert redirects <= 2
    assert (redirects, answer.status_code) == (1, 403)
    assert "Sign out of Town account first" in answer.text
    assert browser.provider.authorizations[-1]["max_age"] == "600"


def test_gov_09_starting_over_helps_when_the_provider_then_asks(browser: Browser, at: Clock) -> None:
    signed_in_for(browser, at, 11)
    browser.provider.claims["auth_time"] = lambda honest: honest - 3600
    again = browser.come_back(browser.provider.authorize(browser.leave_to_prove("/letter").headers["Location"]))
    del browser.provider.claims["auth_time"]
    answer = browser.come_back(browser.provider.authorize(again.headers["Location"]))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/letter")
    assert browser.client.get("/letter").status_code == 200


def test_what_was_being_sent_comes_back_filled_in(browser: Browser, at: Clock, rows: Any) -> None:
    signed_in_for(browser, at, 9)
    token = browser.token("/letter")
    at.advance(minutes=2)
    answer = browser.post("/letter?step=3", csrf_token=token, note="Dear council")
    assert query_of(answer.headers["Location"]) == {"next": "/letter?step=3", "held": "1"}
    assert "What you typed is kept" in browser.client.get(answer.headers["Location"]).text
    assert browser.prove_more("/letter?step=3").headers["Location"] == "/letter?step=3"
    page = browser.client.get("/letter?step=3").text
    assert "[Dear council]" in page
    sent = TOKEN.search(page)
    assert sent
    assert browser.post("/letter?step=3", csrf_token=sent[1], note="Dear council").text == "<h1>Sent: Dear council</h1>"
    assert rows("select 1 from portal.held_post") == []


def test_a_form_without_answers_leads_straight_to_the_proof_and_back_to_its_page(browser: Browser, at: Clock) -> None:
    """The page itself demands nothing; what is sent to the same address does."""
    signed_in_for(browser, at, 9)
    token = browser.token("/file")
    at.advance(minutes=2)
    answer = browser.post("/file", csrf_token=token)
    assert answer.headers["Location"] == "/confirm-it-is-you?next=%2Ffile"
    shown = browser.client.get("/confirm-it-is-you?next=/file").text
    token = TOKEN.search(shown)[1]  # type: ignore[index]  # there is a form
    left = browser.post("/confirm-it-is-you", csrf_token=token, provider="town", next="/file")
    back = browser.come_back(browser.provider.authorize(left.headers["Location"]))
    assert back.headers["Location"] == "/file"
    assert browser.post("/file", csrf_token=browser.token("/file")).text == "the file"


@pytest.mark.parametrize(("path", "note"), [("/letter", "x" * 70_000), ("/send-only", "short")])
def test_what_cannot_be_held_is_kept_in_the_page_itself(browser: Browser, at: Clock, path: str, note: str) -> None:
    signed_in_for(browser, at, 9)
    token = browser.token("/note")
    at.advance(minutes=2)
    page = browser.post(path, csrf_token=token, note=note)
    assert page.status_code == 400
    assert faults(Page(page.text)) == []
    assert f'name="note" value="{note}"' in page.text
    beside = re.search(r'href="(/confirm-it-is-you[^"]+)" target="_blank"', page.text)
    assert beside
    shown = browser.client.get(beside[1].replace("&amp;", "&")).text
    token = TOKEN.search(shown)[1]  # type: ignore[index]  # there is a form
    left = browser.post("/confirm-it-is-you", csrf_token=token, provider="town", next=path, beside="1")
    assert browser.come_back(browser.provider.authorize(left.headers["Location"])).headers["Location"] == "/"


def test_another_person_steps_nothing_up(browser: Browser, at: Clock, rows: Any) -> None:
    signed_in_for(browser, at, 9)
    token = browser.token("/letter")
    at.advance(minutes=2)
    browser.post("/letter", csrf_token=token, note="private")
    before = cookie(browser)
    browser.provider.claims["sub"] = "resident-2"
    browser.provider.userinfo["given_name"] = "Grace"
    page = browser.prove_more("/letter")
    assert page.status_code == 403
    assert "You signed in as somebody else" in page.text
    assert faults(Page(page.text)) == []
    for theirs in ("Ada", "private", "Grace"):
        assert theirs not in page.text
    assert cookie(browser) == before
    assert rows(f"select count(*) from portal.session where {OPEN}") == [(1,)]
    assert rows("select count(*) from portal.account") == [(1,)]  # and no account was made for the other one
    assert browser.client.get("/letter").status_code == 303
    assert "Ada" in browser.client.get("/home").text
    assert "another_person" in str(rows("select details from portal.audit_entry"))


def test_another_person_is_refused_when_the_session_has_run_out_meanwhile_too(browser: Browser, at: Clock) -> None:
    signed_in_for(browser, at, 11)
    address = browser.leave_to_prove("/letter").headers["Location"]
    at.advance(minutes=31)
    browser.provider.claims["sub"] = "resident-2"
    assert browser.come_back(browser.provider.authorize(address)).status_code == 403
    assert not browser.is_signed_in()


def test_the_same_person_is_let_in_when_the_session_has_run_out_meanwhile(browser: Browser, at: Clock) -> None:
    signed_in_for(browser, at, 11)
    address = browser.leave_to_prove("/letter").headers["Location"]
    at.advance(minutes=31)
    assert browser.come_back(browser.provider.authorize(address)).headers["Location"] == "/letter"
    assert browser.client.get("/letter").status_code == 200


def test_the_proof_of_one_does_not_serve_another_who_has_signed_in_since(browser: Browser, at: Clock) -> None:
    signed_in_for(browser, at, 11)
    address = browser.leave_to_prove("/letter").headers["Location"]
    browser.provider.claims["sub"] = "resident-2"
    browser.provider.userinfo["given_name"] = "Grace"
    browser.sign_in()
    browser.provider.claims["sub"] = "resident-1"
    assert browser.come_back(browser.provider.authorize(address)).status_code == 403
    assert "Grace" in browser.client.get("/home").text


def test_the_id_is_renewed_and_the_absolute_limit_stays(browser: Browser, at: Clock, rows: Any) -> None:
    signed_in_for(browser, at, 11)
    old = cookie(browser)
    browser.prove_more("/letter")
    assert cookie(browser) != old
    assert rows("select ended_why from portal.session order by ended_at nulls last") == [("replaced",), (None,)]
    for _ in range(35):
        at.advance(minutes=20)
        assert browser.is_signed_in()
    at.advance(minutes=10)
    assert not browser.is_signed_in()
    browser.client.set_cookie("moothall_session", old)
    assert not browser.is_signed_in()


def test_a_fresh_sign_in_keeps_the_level_that_the_session_had(browser: Browser, at: Clock, rows: Any) -> None:
    browser.provider.claims["acr"] = "checked"
    signed_in_for(browser, at, 11)
    del browser.provider.claims["acr"]
    assert browser.prove_more("/letter").status_code == 403  # it would have lost the level
    browser.provider.claims["acr"] = "checked"
    assert browser.prove_more("/letter").status_code == 303
    assert browser.provider.authorizations[-1]["acr_values"] == "checked documents"
    assert rows(f"select assurance from portal.session where {OPEN}") == [(2,)]


def test_where_no_provider_can_reach_the_level_the_page_says_what_to_do(make: Any, provider: HostileProvider) -> None:
    browser = make(provider, acr_levels={"checked": "medium"})
    browser.sign_in()
    page = asks_again(browser, "/extra")
    assert "No way of signing in here can do this yet" in page
    assert 'name="provider"' not in page
    token = TOKEN.search(page)[1]  # type: ignore[index]  # the way out is a form
    sent = {"csrf_token": token, "provider": "town", "next": "/extra"}
    assert browser.client.post("/confirm-it-is-you", data=sent).status_code == 404


def test_where_no_provider_can_be_asked_anew_signing_out_and_in_is_the_way(
    make: Any, provider: HostileProvider, at: Clock
) -> None:
    browser = make(provider, max_age=False, prompt_login=False)
    signed_in_for(browser, at, 11)
    page = asks_again(browser, "/letter")
    assert "Sign out, sign in again" in page
    browser.sign_in()
    assert browser.client.get("/letter").status_code == 200


def test_another_provider_that_can_do_it_is_offered_and_must_open_the_same_account(
    make_portal: Any, provider: HostileProvider, cleaning_engine: Any, rows: Any
) -> None:
    with HostileProvider(client_secret="another-secret") as second:
        both = {
            "town": provider_settings(provider, acr_levels={}),
            "county": provider_settings(second, title="County account"),
        }
        browser = Browser(make_portal(both).test_client(), provider)
        browser.sign_in()
        page = asks_again(browser, "/strict/page")
        assert "The way you signed in cannot do this" in page
        assert "Continue with County account" in page
        assert 'value="town"' not in page
        second.claims.update(acr="checked", sub="ada-there")
        left = browser.leave_to_prove("/strict/page", "county").headers["Location"]
        assert browser.come_back(second.authorize(left)).status_code == 403
        with cleaning_engine.begin() as connection:
            connection.exec_driver_sql(
                "insert into portal.identity select gen_random_uuid(), account_id, %s, %s, linked_at, last_used_at"
                " from portal.identity",
                (second.issuer, "ada-there"),
            )
        left = browser.leave_to_prove("/strict/page", "county").headers["Location"]
        assert browser.come_back(second.authorize(left)).status_code == 303
        assert browser.client.get("/strict/page").status_code == 200
        assert rows(f"select provider from portal.session where {OPEN}") == [("county",)]


def test_gov_26_login_required_after_asking_anew_ends_the_session(browser: Browser, at: Clock, rows: Any) -> None:
    signed_in_for(browser, at, 11)
    state = query_of(browser.leave_to_prove("/letter").headers["Location"])["state"]
    page = browser.client.get("/auth/town/callback", query_string={"error": "login_required", "state": state})
    assert page.status_code == 403
    assert "We have signed you out" in page.text
    assert faults(Page(page.text)) == []
    assert "Ada" not in page.text
    assert not browser.is_signed_in()
    assert rows(f"select 1 from portal.session where {OPEN}") == []


@pytest.mark.parametrize(
    ("error", "heading"),
    [
        ("access_denied", "You have not confirmed that it is you"),
        ("temporarily_unavailable", "We cannot confirm at the moment that it is you"),
        ("unmet_authentication_requirements", "We still need to be sure that it is you"),
        ("interaction_required", "We could not confirm that it is you"),
    ],
)
def test_gov_26_another_error_leaves_the_session_as_it_was(
    browser: Browser, at: Clock, error: str, heading: str
) -> None:
    signed_in_for(browser, at, 11)
    state = query_of(browser.leave_to_prove("/letter").headers["Location"])["state"]
    page = browser.client.get("/auth/town/callback", query_string={"error": error, "state": state})
    assert page.status_code in (400, 403, 503)
    assert f'<h1 class="govuk-heading-l">{heading}</h1>' in page.text
    assert "Try again" in page.text
    assert faults(Page(page.text)) == []
    assert browser.is_signed_in()


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
