"""Who at the council looked at the resident's record: role and team, when, what and why. Never a name."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, request
from sqlalchemy import select

from portal.cases.models import CaseRow
from portal.cases.teams import team_name
from portal.db.session import session
from portal.identity.sessions import current_account
from portal.staff.looks import Look, looks_at
from portal.web.page import render

bp = Blueprint("who_looked", __name__, template_folder="templates")

PAGE: Final = 25
LONGEST_KEY: Final = 18


@dataclass(frozen=True, slots=True)
class Line:
    """One look. `reference` is empty when it was at no case."""

    at: datetime
    role: str
    team: str
    what: str
    reason: str
    written: bool
    reference: str


@bp.get("/who-looked")
def who_looked() -> str:
    """The looks, newest first. `before` is where the last page ended."""
    account = current_account()
    sent = request.args.get("before", "")
    before = int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= LONGEST_KEY else None
    looks, older = looks_at(account.id, before=before, limit=PAGE)
    return render("home/who_looked.html", lines=_lines(account.id, looks), older=older)


def _lines(account_id: uuid.UUID, looks: Sequence[Look]) -> list[Line]:
    references = _references(account_id, {look.case_id for look in looks if look.case_id})
    teams = {slug: team_name(slug) for slug in {look.team for look in looks if look.team}}
    return [
        Line(
            look.looked_at,
            look.role,
            teams.get(look.team, ""),
            look.what,
            look.reason,
            look.written,
            references.get(look.case_id, "") if look.case_id else "",
        )
        for look in looks
    ]


def _references(account_id: uuid.UUID, case_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Of the resident's own cases alone."""
    query = select(CaseRow.id, CaseRow.reference).where(CaseRow.account_id == account_id, CaseRow.id.in_(case_ids))
    return {row.id: row.reference for row in session().execute(query)} if case_ids else {}
