"""What happened to the resident's record, from the audit trail, in plain words."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import request, url_for

from portal.accounts.values import Account
from portal.audit import queries as audit
from portal.audit.models import AuditEntry
from portal.cases.values import Case
from portal.home import history_words
from portal.home.own_cases import own_cases
from portal.home.profile_blueprint import bp
from portal.identity.sessions import current_account
from portal.registry.mount import words_for_acts
from portal.web.languages import gettext as _
from portal.web.page import render

PAGE = 25
MARK = re.compile(r"(?P<at>[0-9T:.+-]{25,32})~(?P<id>[0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened; `link` leads to where there is more about it, if there is."""

    at: datetime
    what: str
    who: str
    href: str = ""
    link: str = ""


@bp.get("/history")
def history() -> str:
    """The newest entries first; `before` is the mark of the last one that was seen."""
    account = current_account()
    entries = audit.entries_about(account.id, before=_before(), limit=PAGE + 1, without=history_words.LEFT_OUT)
    older = _mark(entries[PAGE - 1]) if len(entries) > PAGE else None
    return render("home/profile/history.html", lines=in_words(entries[:PAGE], account, words_for_acts()), older=older)


def in_words(
    entries: Sequence[AuditEntry], account: Account, of_services: Mapping[str, str] = history_words.NONE
) -> list[Line]:
    """The entries as the resident reads them."""
    cases = own_cases(account.id, map(_case_id, entries))
    return [_line(entry, account, cases, of_services) for entry in entries]


def _line(entry: AuditEntry, account: Account, cases: Mapping[uuid.UUID, Case], of_services: Mapping[str, str]) -> Line:
    by_resident = entry.actor == f"account:{account.id}"
    what = history_words.in_words(entry.act, entry.details, by_resident=by_resident, of_services=of_services)
    line = Line(entry.at, what, _who(entry.actor, account))
    if entry.act.startswith("staff."):
        return replace(line, href=url_for("who_looked.who_looked"), link=_("Who looked at your data"))
    case_id = _case_id(entry)
    case = cases.get(case_id) if case_id else None
    if case is None:
        return line
    return replace(line, href=url_for("cases.case", reference=case.reference), link=case.reference)


def _case_id(entry: AuditEntry) -> uuid.UUID | None:
    """The case that the entry is about."""
    kind, _colon, rest = entry.subject.partition(":")
    return uuid.UUID(rest) if kind == "case" else None


def _who(actor: str, account: Account) -> str:
    if actor == f"account:{account.id}":
        return _("You")
    if actor.startswith("account:"):
        return _("Somebody else")
    if actor.startswith("provider:"):
        return _("The account you sign in with")
    if actor.startswith("client:"):
        return _("An application on another site")
    if actor.startswith("system:"):
        return _("The portal")
    return _("The council")


def _mark(entry: AuditEntry) -> str:
    return f"{entry.at.isoformat()}~{entry.id}"


def _before() -> tuple[datetime, int] | None:
    """Where the page begins, straight from the address: a mark that cannot be read means the first page."""
    wanted = MARK.fullmatch(request.args.get("before", ""))
    try:
        at = datetime.fromisoformat(wanted["at"]) if wanted else None
    except ValueError:
        return None
    return (at, int(wanted["id"])) if wanted and at and at.tzinfo else None
