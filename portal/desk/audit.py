"""The audit trail at the desk, for those who audit: search it, and take a part of it away to be checked elsewhere."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.audit.exporting import Format, begin_export, public_key, written
from portal.audit.heads import newest_head
from portal.audit.models import AuditEntry
from portal.audit.operations import record_beside
from portal.audit.searching import Wanted, known_acts, search
from portal.db.session import commits, session
from portal.desk.audit_asking import DAY, FIELDS, midnight, owner_of, wanted_by
from portal.desk.typed_days import day_in
from portal.errors import Refused
from portal.staff import looks
from portal.staff.gate import PREFIX
from portal.staff.rights import needs
from portal.staff.sessions import current_staff
from portal.web import forms, texts
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.page import render
from portal.web.state import web_state

bp = Blueprint("desk_audit", __name__, url_prefix=f"{PREFIX}/audit", template_folder="templates")

PAGE: Final = 50
MARK: Final = re.compile(r"(?P<at>[0-9T:.+-]{25,32})~(?P<id>[0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the page shows it."""

    at: datetime
    act: str
    actor: str
    account: str
    subject: str
    details: str


class ExportForm(forms.Form):
    """What an auditor takes away."""

    since = forms.DateField(_("From the day"), hint=_("Leave it empty to begin with the first entry."))
    until = forms.DateField(_("Up to and including"), hint=_("Leave it empty to go on to the newest entry."))
    format = forms.RadioField(
        _("Format"),
        choices=[("jsonl", _("JSON, one entry a line")), ("csv", _("CSV, for a spreadsheet"))],
        required=_("Select a format"),
    )

    def accepted(self) -> bool:
        """Whether the days follow each other, too."""
        if not super().accepted():
            return False
        since, until = self.since.data, self.until.data
        if since and until and since > until:
            self.refuse(gettext("The last day must not be before the first"), "until")
            return False
        return True


@bp.get("")
@needs("audit")
def trail() -> str:
    """The newest entries that fit what the address asks for."""
    asked = {name: texts.showable(request.args.get(name, "").strip()[:120]) for name in FIELDS}
    wanted, errors = wanted_by(asked)
    found = [] if errors else search(wanted, older_than=_mark_in(request.args.get("before", "")), limit=PAGE + 1)
    kept = {name: value for name, value in asked.items() if value}
    if found:
        _note_read(kept, found[:PAGE])
        _note_look(wanted)
    return render(
        "desk/audit/trail.html",
        asked=asked,
        errors=errors,
        acts=_choices(asked["act"]),
        lines=[_line(entry) for entry in found[:PAGE]],
        older=f"?{urlencode(kept | {'before': _mark(found[PAGE - 1])})}" if len(found) > PAGE else None,
        head=newest_head(),
        days=urlencode({name: asked[name] for name in ("from", "to") if asked[name]}),
    )


@bp.route("/export", methods=["GET", "POST"])
@needs("audit")
@commits
def export() -> ResponseReturnValue:
    """Write a part of the trail into a ZIP as it is read. That it was taken away is on the record first."""
    days = {"since": day_in(request.args.get("from", "")), "until": day_in(request.args.get("to", ""))}
    form = ExportForm(days, format="jsonl")
    settings = web_state().settings
    if form.accepted():
        try:
            made = begin_export(
                since=midnight(form.since.data),
                before=midnight(form.until.data + DAY if form.until.data else None),
                format=cast(Format, form.format.data),
                actor=current_staff().actor,
            )
        except Refused:
            form.refuse(_("Nothing was sealed in this time. Entries are sealed about a minute after they are written."))
        else:
            answer = Response(stream_with_context(written(made, settings)), mimetype="application/zip")
            answer.headers["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
            return answer
    return render("desk/audit/export.html", form=form, fingerprint=public_key(settings)[1])


def _note_read(kept: Mapping[str, str], shown: Sequence[AuditEntry]) -> None:
    """Who reads the trail is on the trail: what they searched for, which must have been written there for something to
    be found, and the newest and the oldest entry that they were shown.
    """
    record_beside("audit.read", actor=current_staff().actor, filter=kept, entries=[shown[0].id, shown[-1].id])


def _note_look(wanted: Wanted) -> None:
    """What is on record about one resident is a part of their record: they can see that it was looked at."""
    for account_id in {wanted.account_id, _resident(wanted.actor or ""), owner_of(wanted.subject or "")} - {None}:
        if session().scalar(select(AccountRow.id).where(AccountRow.id == account_id)) is not None:
            looks.note_look(current_staff(), account_id=account_id, what="audit", reason="audit", right="audit")


def _resident(actor: str) -> uuid.UUID | None:
    kind, _colon, actor_id = actor.partition(":")
    try:
        return uuid.UUID(actor_id) if kind == "account" else None
    except ValueError:
        return None


def _choices(chosen: str) -> list[dict[str, object]]:
    every = [{"value": act, "text": act, "checked": act == chosen} for act in known_acts()]
    return [{"value": "", "text": gettext("Any"), "checked": not chosen}, *every]


def _line(entry: AuditEntry) -> Line:
    details = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
    return Line(entry.at, entry.act, entry.actor, str(entry.account_id or ""), entry.subject, details)


def _mark(entry: AuditEntry) -> str:
    return f"{entry.at.isoformat()}~{entry.id}"


def _mark_in(typed: str) -> tuple[datetime, int] | None:
    """Where the page begins, straight from the address: a mark that cannot be read means the first page."""
    found = MARK.fullmatch(typed)
    try:
        at = datetime.fromisoformat(found["at"]) if found else None
    except ValueError:
        return None
    return (at, int(found["id"])) if found and at and at.tzinfo else None
