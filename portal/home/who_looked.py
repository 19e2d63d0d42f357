"""Who at the council looked at the resident's record: role and team, when, what and why. Never a name."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, request

from portal.cases.teams import team_name
from portal.home.case_words import title_of
from portal.home.own_cases import own_cases
from portal.identity.sessions import current_account
from portal.registry.mount import service_titles
from portal.staff.looks import Look, looks_at
from portal.web.page import render

bp = Blueprint("who_looked", __name__, template_folder="templates")

PAGE: Final = 25
LONGEST_KEY: Final = 18


@dataclass(frozen=True, slots=True)
class Line:
    """One look. `reference` and `title` are empty when it was at no case."""

    at: datetime
    role: str
    team: str
    what: str
    reason: str
    written: bool
    reference: str
    title: str


@bp.get("/who-looked")
def who_looked() -> str:
    """The looks, newest first. `before` is where the last page ended."""
    account = current_account()
    sent = request.args.get("before", "")
    before = int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= LONGEST_KEY else None
    looks, older = looks_at(account.id, before=before, limit=PAGE)
    return render("home/who_looked.html", lines=_lines(account.id, looks), older=older)


def _lines(account_id: uuid.UUID, looks: Sequence[Look]) -> list[Line]:
    cases = own_cases(account_id, (look.case_id for look in looks))
    services = service_titles()
    teams = {slug: services.get(slug) or team_name(slug) for slug in {look.team for look in looks if look.team}}

    def line(look: Look) -> Line:
        case = cases.get(look.case_id) if look.case_id else None
        return Line(
            look.looked_at,
            look.role,
            teams.get(look.team, ""),
            look.what,
            look.reason,
            look.written,
            case.reference if case else "",
            title_of(case) if case else "",
        )

    return [line(look) for look in looks]
