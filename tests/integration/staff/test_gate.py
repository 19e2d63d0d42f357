"""Who comes in to the desk: nobody without a session of staff's own, a right, and a mark on the view."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.staff.rights import needs
from tests.support.client import client_for
from tests.support.fixtures import Clock
from tests.support.residents import resident
from tests.support.staff import colleague


@pytest.fixture
def unmarked(app: Flask) -> Iterator[None]:
    """A view of the desk whose author has forgotten to say who may open it."""
    view = app.view_functions["desk_front.front"]
    app.view_functions["desk_front.front"] = lambda: "open"
    yield
    app.view_functions["desk_front.front"] = view


def test_a_stranger_is_led_to_staffs_own_sign_in_page(app: Flask) -> None:
    answer = client_for(app).get("/desk")
    assert answer.status_code == 303
    assert answer.location == "/desk/sign-in?next=%2Fdesk"


def test_a_residents_session_opens_nothing_at_the_desk(app: Flask) -> None:
    sam = resident(app, "Sam")
    assert sam.client.get("/desk").location == "/desk/sign-in?next=%2Fdesk"


def test_a_staff_session_opens_nothing_of_a_resident(app: Flask) -> None:
    answer = colleague(app).client.get("/home")
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


def test_a_view_without_a_mark_is_refused(app: Flask, unmarked: None) -> None:
    assert "You may not do this" in colleague(app, role="lead").get("/desk", 403)


def test_who_has_no_right_reads_whom_to_ask(app: Flask) -> None:
    page = colleague(app, role=None).get("/desk", 403)
    assert "You have no rights at the desk yet" in page
    assert "Ask your team leader" in page


def test_who_has_another_right_than_the_view_needs_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.view_functions, "desk_front.front", needs("audit")(lambda: {"trail": 1}))
    assert "Read the audit trail" in colleague(app, "Sunita").get("/desk", 403)
    assert colleague(app, "Alex", role="auditor").client.get("/desk").json == {"trail": 1}


def test_what_was_typed_when_the_session_ended_stays_in_the_page(app: Flask, at: Clock) -> None:
    ruth = colleague(app, "Ruth", role="administrator")
    ruth.client.environ_base["HTTP_ORIGIN"] = "http://localhost"  # as browsers send it
    ruth.get("/desk/rights")
    at.advance(minutes=16)
    answer = ruth.client.submit(group="a group with a long name", role="lead", cases="*", team="*")
    assert answer.status_code == 400
    assert "a group with a long name" in ruth.client.page.html
    assert ruth.client.page.all("a", href="/desk/sign-in")
    colleague(app, "Ruth", role="administrator", client=ruth.client)
    ruth.client.submit(group="a group with a long name")
    assert ruth.client.page.h1 == "Send your answers again"
    assert ruth.client.submit(group="a group with a long name").location == "/desk/rights"


def test_the_warning_before_the_end_asks_the_desk_and_not_the_residents_pages(app: Flask) -> None:
    page = colleague(app, "Ruth", role="administrator").get("/desk/rights")
    assert 'data-ask="/desk/signed-in-until"' in page
    assert 'data-stay="/desk/stay-signed-in"' in page
    assert 'action="/desk/sign-out"' in page
    assert 'action="/sign-out"' not in page


def test_looking_at_the_clock_keeps_nobody_signed_in(app: Flask, at: Clock) -> None:
    ruth = colleague(app, "Ruth", role="administrator")
    ruth.get("/desk/rights")
    for _minute in range(3):
        at.advance(minutes=5)
        left = ruth.client.get("/desk/signed-in-until").json
    assert left["seconds"] <= 1
    at.advance(minutes=1)
    assert ruth.client.get("/desk/signed-in-until").json == {"seconds": 0, "can_stay": False, "until": None}


def test_a_page_in_welsh_stays_in_welsh(app: Flask) -> None:
    ruth = colleague(app, "Ruth", role="administrator")
    ruth.get("/desk/rights?lang=cy")
    assert ruth.client.page.all("html")[0].get("lang") == "cy"
    ruth.get("/desk/access")
    assert ruth.client.page.all("html")[0].get("lang") == "cy"
