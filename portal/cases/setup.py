"""What the ledger needs to know of the council, and the jobs that the worker does for it."""

from typing import Final

from flask import Flask

from portal.cases import drafts, holding, retention, search_writing, service_levels
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
    """Give the ledger the council's closing days."""
    service_levels.install(app, settings.council.closed_on)
