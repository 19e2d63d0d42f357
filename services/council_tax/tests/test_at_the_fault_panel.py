"""What somebody chooses on the fault panel of the desk, and what a resident then sees."""

import pytest
from flask import Flask

from services.council_tax.tests.conftest import Joins
from services.council_tax.tests.connected import connected_to
from services.council_tax.tests.playing import SECRET, Playing
from tests.support.fixtures import Clock
from tests.support.staff import colleague


def test_while_it_is_down_residents_see_what_it_said_last_with_the_time_of_that(
    app: Flask, connected: Playing, joins: Joins, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = connected.opens("Ada Tester", on="2026-09-01")
    ada, ruth = joins("Ada", home.person, home.reference), colleague(app, "Ruth", role="administrator")
    path = f"/services/council_tax/accounts/{home.reference}"
    played = {"council_tax": connected.url}
    monkeypatch.setattr("portal.desk.office_rows.standin_of_service", lambda each: played.get(each.slug, ""))
    assert "This is what it told us" not in ada.get(path)
    at.advance(minutes=10)
    with connected_to(app, connected.url, SECRET, page_waits_seconds=0.5):
        ruth.post("/desk/offices/council_tax/faults", answers="down")
        assert "This is what it told us on 23 November 2026 at 9:00am." in ada.get(path)
        assert "said that it is down (503)" in ruth.get("/desk/offices/council_tax")
        ruth.post("/desk/offices/council_tax/faults", answers="right")
        assert "This is what it told us" not in ada.get(path)
