"""The stand-in's own page: which vehicles it knows. How it behaves is chosen on the page that all stand-ins have."""

from typing import Final

from flask import render_template

from portal.kit import StandinPanel, clock
from services.permits.standin.vehicles import DEMO, REFUSED, find

TESTS: Final = ("AA19AAA", "AA19PPP", "AA19DSL", "AA19EEE", "AA19AMP", "AA19SRN", "AA19MOT", "L2WPS")

bp = StandinPanel("permits_panel", __name__)


@bp.get("/")
def page() -> str:
    """Which vehicles it knows, and which it refuses."""
    asked = (*(each["registrationNumber"] for each in DEMO), *TESTS)
    known = [found for each in asked if (found := find(each, clock.today()))]
    refused = {mark: f"{status} {error['title']}" for mark, (status, error) in REFUSED.items()}
    return render_template("permits_standin/panel.html", known=known, refused=refused)
