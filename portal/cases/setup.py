"""What the ledger needs to know of the council, and the jobs that the worker does for it."""

from typing import Final

from flask import Flask

from portal.cases import cosigning, drafts, holding, retention, search_writing, service_levels
from portal.notify.contact_problems import when_it_comes_back
from portal.settings.portal import Settings

JOBS: Final = (
    drafts.sweep_drafts,
    holding.resume_due,
    retention.let_go,
    search_writing.read_facts,
    service_levels.escalate,
)
"""Done by the clock. To name them here is what makes them known to the worker."""


def install(app: Flask, settings: Settings) -> None:
    """Give the ledger the council's closing days, and word of invitations that come back."""
    when_it_comes_back(app, cosigning.MAIL, cosigning.came_back)
    service_levels.install(app, settings.council.closed_on)
