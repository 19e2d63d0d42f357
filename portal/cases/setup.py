"""What the ledger needs to know of the council, and the jobs that the worker does for it."""

from flask import Flask

import portal.cases.drafts  # registers its job, as do the next two
import portal.cases.holding
import portal.cases.retention
from portal.cases import service_levels
from portal.settings.portal import Settings


def install(app: Flask, settings: Settings) -> None:
    """Give the ledger the council's closing days."""
    service_levels.install(app, settings.council.closed_on)
