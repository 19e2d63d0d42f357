"""The page of a case, and what its ledger says, for tests of what staff do there."""

from flask import Flask

from portal.cases.queries import whole_timeline
from portal.cases.values import Case
from portal.db.session import session

LONG = "We looked at it twice this week and\nthere is nothing that we can put right."


def page_of(case: Case) -> str:
    """Where staff see it."""
    return f"/desk/cases/{case.reference}"


def kinds(app: Flask, case: Case) -> list[str]:
    """What has happened to it, the oldest first."""
    with app.test_request_context("/"):
        found = [event.kind for event in whole_timeline(case.id)]
        session().rollback()
    return found[::-1]
