"""What this stand-in has of its own when it misbehaves, its page, and that it keeps count of what it was asked."""

import pytest
import requests

from services.council_tax.tests.playing import SECRET, TODAY, Playing

HEADERS = {"Authorization": f"Bearer {SECRET}", "X-Person": "person-edwin"}


def ask(standin: Playing) -> requests.Response:
    """One account, without looking at whether the answer is right."""
    return requests.get(f"{standin.url}/v1/accounts/71000303", headers=HEADERS, timeout=5)


def test_it_can_say_that_too_many_ask(standin: Playing) -> None:
    standin.behave(answers="busy")
    answer = ask(standin)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_it_can_do_what_is_asked_and_break_before_saying_so(standin: Playing) -> None:
    home, key = standin.opens(), standin.key()
    standin.behave(answers="unsaid")
    url, body = f"{standin.url}/v1/accounts/{home.reference}/payments", {"pence": 500, "paid_on": "2026-11-23"}
    for _ in range(2):
        answer = requests.post(url, json=body, headers=HEADERS | {"Idempotency-Key": key}, timeout=5)
        assert answer.status_code == 500
    standin.behave()
    assert standin.account(home)["paid"] == 500
    assert requests.get(f"{standin.url}/calls/{key}", timeout=5).json() == {"times": 2}


@pytest.mark.parametrize("how", [{"officer_minutes": -1}, {"today": "soon"}, {"more": 1}], ids=str)
def test_it_is_told_nothing_that_it_does_not_know(standin: Playing, how: dict[str, object]) -> None:
    assert requests.put(f"{standin.url}/control", json=how, timeout=5).status_code == 400
    assert ask(standin).status_code == 200


def test_a_form_cannot_tell_it_what_only_programs_may(standin: Playing) -> None:
    answer = requests.put(f"{standin.url}/control", data={"today": TODAY}, timeout=5)
    assert answer.status_code == 415


def test_its_page_shows_what_waits_and_tells_it_how_to_behave(standin: Playing) -> None:
    home, key = standin.opens(), standin.key()
    standin.change(home, "exemption", key=key, code="N", since_on="2026-10-01")
    page = requests.get(f"{standin.url}/", timeout=5)
    assert page.status_code == 200
    assert key in page.text
    told = {"officer_minutes": "", "today": "2026-12-24"}
    answer = requests.post(f"{standin.url}/", data=told, timeout=5)
    assert 'value="2026-12-24"' in answer.text


def test_a_page_of_a_stranger_tells_it_nothing(standin: Playing) -> None:
    told, site = {"today": "2026-12-24"}, {"Sec-Fetch-Site": "cross-site"}
    assert requests.post(f"{standin.url}/", data=told, headers=site, timeout=5).status_code == 403
    assert "2026-12-24" not in requests.get(f"{standin.url}/", timeout=5).text


@pytest.mark.parametrize("path", ["/accounts/7100%00", "/bills/%00", "/changes/%00", "/dwellings?postcode=%00"])
def test_what_no_text_can_hold_is_nothing(standin: Playing, path: str) -> None:
    assert requests.get(f"{standin.url}/v1{path}", headers=HEADERS, timeout=5).status_code == 404


def test_a_body_that_no_text_can_hold_is_refused(standin: Playing) -> None:
    body = {"reference": "71000303", "name": "Edwin\0", "postcode": "", "facts": {}}
    standin.post("/matches", body, status=422)
