"""Answers that come by form, from another site, and so without our cookies."""

from typing import Any

import pytest

from portal.conformance.pages import Page, faults
from tests.integration.identity.conftest import Browser, query_of
from tests.support.hostile_provider import HostileProvider

AWAY = {"Origin": "http://127.0.0.1:9", "Sec-Fetch-Site": "cross-site"}
CALLBACK = "/auth/town/callback"


@pytest.fixture
def by_form(make: Any, provider: HostileProvider) -> Browser:
    made: Browser = make(provider, response_mode="form_post")
    return made


def from_the_provider(browser: Browser, answer: dict[str, str]) -> Any:
    """What a browser sends for a form of another site: none of our cookies."""
    bare = browser.client.application.test_client()
    return bare.post(CALLBACK, data=answer, headers=AWAY)


def sent_on(browser: Browser, page: Any) -> Any:
    """Press the button of the page in between: now it is from here to here, with cookies."""
    (form,) = Page(page.text).forms()
    assert form.action in (None, "", CALLBACK)
    return browser.client.post(CALLBACK, data=dict(form.values))


def test_rp_22_ux_06_an_answer_by_form_signs_in_by_way_of_a_page_of_ours(by_form: Browser) -> None:
    address = by_form.begin("/home?a=1")
    assert query_of(address)["response_mode"] == "form_post"
    page = from_the_provider(by_form, by_form.provider.authorize_by_form(address))
    assert page.status_code == 200
    assert faults(Page(page.text)) == ["the form to '' has no token"]  # there is no cookie to tie one to
    assert "Set-Cookie" not in page.headers  # it would take the place of the browser's own, which did not come along
    answer = sent_on(by_form, page)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home?a=1")
    assert by_form.is_signed_in()


def test_bcp_07_the_code_never_stands_in_an_address_then(by_form: Browser) -> None:
    fields = by_form.provider.authorize_by_form(by_form.begin())
    page = from_the_provider(by_form, fields)
    (form,) = Page(page.text).forms()
    assert form.element.get("method") == "post"
    assert form.values["code"] == [fields["code"]]
    answer = sent_on(by_form, page)
    assert fields["code"] not in answer.headers["Location"]
    assert page.headers["Referrer-Policy"] == answer.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_rp_22_an_error_by_form_is_shown(by_form: Browser) -> None:
    state = query_of(by_form.begin())["state"]
    page = from_the_provider(by_form, {"error": "access_denied", "error_description": "<b>Call us", "state": state})
    answer = sent_on(by_form, page)
    assert (answer.status_code, "You have not signed in" in answer.text) == (403, True)
    assert "Call us" not in page.text + answer.text


@pytest.mark.parametrize("fields", [{}, {"state": "unknown", "code": "x"}, {"code": "x"}, {"error": "access_denied"}])
def test_rp_22_an_answer_that_nobody_waits_for_changes_nothing(
    by_form: Browser, rows: Any, fields: dict[str, str]
) -> None:
    answer = sent_on(by_form, from_the_provider(by_form, fields))
    assert answer.status_code == 400
    assert "You need to sign in again" in answer.text
    assert rows("select 1 from portal.audit_entry") == []


@pytest.mark.parametrize("twice", ["state", "code", "iss", "error"])
def test_a_doubled_or_over_long_field_is_refused(by_form: Browser, twice: str) -> None:
    fields = by_form.provider.authorize_by_form(by_form.begin())
    for values in ([fields.get(twice, "x"), "y"], ["x" * 3000]):
        answer = by_form.client.post(CALLBACK, data=fields | {twice: values, "again": "1"})
        assert answer.status_code == 400
    assert by_form.provider.count("/token") == 0


def test_another_site_that_claims_to_be_the_page_in_between_gets_nowhere(by_form: Browser) -> None:
    fields = by_form.provider.authorize_by_form(by_form.begin())
    answer = from_the_provider(by_form, fields | {"again": "1"})  # the browser sends no cookies there
    assert answer.status_code == 400
    assert by_form.provider.count("/token") == 0
    assert sent_on(by_form, from_the_provider(by_form, fields)).status_code == 303  # and the right one still works


def test_an_answer_by_form_that_was_not_asked_for_is_refused(browser: Browser, rows: Any) -> None:
    back = query_of(browser.provider.authorize(browser.begin()))
    assert browser.client.post(CALLBACK, data=back | {"again": "1"}).status_code == 400
    assert browser.provider.count("/token") == 0


def test_a_replayed_form_with_a_live_session_goes_home(by_form: Browser) -> None:
    page = from_the_provider(by_form, by_form.provider.authorize_by_form(by_form.begin()))
    sent_on(by_form, page)
    again = sent_on(by_form, page)
    assert (again.status_code, again.headers["Location"]) == (303, "/")


def test_ux_06_the_answer_comes_in_the_address_unless_settings_say_otherwise(browser: Browser) -> None:
    assert "response_mode" not in query_of(browser.begin())
