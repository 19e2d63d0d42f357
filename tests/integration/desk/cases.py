"""Cases of several kinds, teams and ages, for the pages of the desk."""

import itertools
import uuid
from typing import Any

from flask import Flask
from sqlalchemy import update

from portal.accounts.values import Account
from portal.cases.models import CaseRow
from portal.cases.opening import open_case
from portal.cases.values import Case
from portal.db.session import session
from services.reporting.workflow import type_of

_numbers = itertools.count()


def make_case(app: Flask, account: Account, kind: str = "pothole", *, area: str = "", **columns: Any) -> Case:
    """An open case, with these columns as if somebody had been at work on it."""
    with app.test_request_context("/"):
        case = open_case(account, case_type=type_of(kind), key=f"case {next(_numbers)} {uuid.uuid4()}", area=area)
        if columns:
            session().execute(update(CaseRow).where(CaseRow.id == case.id).values(columns))
        session().commit()
    return case
