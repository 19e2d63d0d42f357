"""More proof counts only from the person whose session it is."""

from typing import Any

from portal.conformance.pages import Page, faults
from tests.integration.identity.conftest import Browser
from tests.integration.identity.more_proof import OPEN, cookie, signed_in_for
from tests.support.fixtures import Clock


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
