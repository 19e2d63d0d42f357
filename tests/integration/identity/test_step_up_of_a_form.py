"""What was being sent when more proof was asked for: it is kept, and the resident comes back to the same step."""

import re
from typing import Any

import pytest

from portal.conformance.pages import Page, faults
from tests.integration.identity.conftest import TOKEN, Browser, query_of
from tests.integration.identity.more_proof import signed_in_for
from tests.support.fixtures import Clock


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
    taken = browser.post("/letter?step=3", csrf_token=sent[1], note="Dear council")
    assert query_of(taken.headers["Location"]) == {"sent": "Dear council"}
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
