"""Change many cases at once: what, tried on paper, confirmed, how far it is, and what became of each."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal import clock
from portal.cases.responses import find_response, responses_for
from portal.cases.teams import all_teams, team_name
from portal.cases.types import find_status
from portal.cases.values import Case
from portal.db.session import commits, session
from portal.desk import bulk
from portal.desk.bulk_acts import TITLES, targets
from portal.desk.case_words import status_of, title_of
from portal.desk.filters import read_filter
from portal.desk.worklist import Reader
from portal.desk.worklist_page import note_many
from portal.errors import Refused
from portal.identity.time_left import watching
from portal.staff.gate import PREFIX
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.web import forms
from portal.web.languages import format_date, gettext, lazy_gettext
from portal.web.page import render, warn_next

bp = Blueprint("desk_bulk", __name__, url_prefix=f"{PREFIX}/many", template_folder="templates")

LONGEST_REASON = 1000
LONGEST_NUMBER = 6
POLL_SECONDS = 3
WITH_WORDS = ("pass_on", "hold", "move", "message")


class BulkForm(forms.Form):
    """What to do with all of them. Only what the act needs is looked at."""

    act = forms.RadioField(lazy_gettext("What do you want to do?"), required=lazy_gettext("Select what to do"))
    target = forms.SelectField(lazy_gettext("New status, if you bring them to another"), mark_optional=False)
    team = forms.SelectField(lazy_gettext("Team, if you pass them on"), mark_optional=False)
    until = forms.DateField(lazy_gettext("Until which day, if you put them on hold"), mark_optional=False)
    template = forms.SelectField(lazy_gettext("Template, if you write to each resident"), mark_optional=False)
    reason = forms.TextAreaField(
        lazy_gettext("Words"),
        hint=lazy_gettext("Each resident reads them, but for passing on: then only staff do."),
        max_length=LONGEST_REASON,
        mark_optional=False,
    )

    def accepted(self) -> bool:
        """Whether what the act needs is there, too."""
        if not super().accepted():
            return False
        act, before = str(self.act.data), len(self.errors_in_order())
        if act == "move" and not self.target.data:
            self.refuse(gettext("Choose the new status"), "target")
        if act == "pass_on" and not self.team.data:
            self.refuse(gettext("Choose a team"), "team")
        if act == "hold" and not self._day_ahead():
            self.refuse(gettext("Enter a day after today, within a year"), "until")
        words, template = str(self.reason.data).strip(), act == "message" and self.template.data
        if act in ("hold", "message") and not (words or template):
            self.refuse(gettext("Enter words for the residents"), "reason")
        if words and template:
            self.refuse(gettext("A template is sent as it is: choose none, or delete these words"), "reason")
        return len(self.errors_in_order()) == before

    @property
    def values(self) -> dict[str, str]:
        """What was entered, as plain texts."""
        until: date | None = self.until.data
        return {
            "target": str(self.target.data),
            "team": str(self.team.data),
            "until": until.isoformat() if until else "",
            "template": str(self.template.data),
            "reason": str(self.reason.data),
        }

    def _day_ahead(self) -> bool:
        until: date | None = self.until.data
        return until is not None and 0 < (until - clock.today()).days <= 366


@bp.post("")
@needs("lead")
@commits
def choose() -> ResponseReturnValue:
    """Lay out the cases that were ticked, or all that the list finds."""
    reader = Reader(current_staff(), current_grants())
    every = request.form.get("which") == "all"
    chosen = read_filter(request.form)
    try:
        references = request.form.getlist("case")
        made = bulk.choose(reader, chosen=chosen) if every else bulk.choose(reader, references=references)
    except Refused as refusal:
        warn_next(refusal.sentence)
        back = urlencode({"view": chosen.view, **chosen.written()})
        return redirect(f"{url_for('desk.worklist')}?{back}", 303)
    return redirect(url_for(".act", bulk_id=made), 303)


@bp.route("/<uuid:bulk_id>", methods=["GET", "POST"])
@needs("lead")
@commits
def act(bulk_id: uuid.UUID) -> ResponseReturnValue:
    """Say what to do with them; then the preview, the progress and the result are at the same address."""
    staff = current_staff()
    found = bulk.get_bulk(staff, bulk_id)
    if found.state not in ("chosen", "preview") or (found.state == "preview" and not _changing()):
        return _progress(found)
    form = _form(found)
    if form.accepted():
        reader = Reader(staff, current_grants())
        bulk.preview(reader, bulk_id, act=str(form.act.data), values=form.values)
        return redirect(url_for(".act", bulk_id=bulk_id), 303)
    return render("desk/bulk/act.html", form=form, bulk=found)


@bp.get("/<uuid:bulk_id>/how-far")
@needs("lead")
@watching
def how_far(bulk_id: uuid.UUID) -> ResponseReturnValue:
    """Asked by an open page again and again while the cases are changed."""
    found = bulk.get_bulk(current_staff(), bulk_id)
    return jsonify(running=found.state == "running", counted=_counted(found), worked_off=found.worked_off)


@bp.post("/<uuid:bulk_id>/confirm")
@needs("lead")
@commits
def confirm(bulk_id: uuid.UUID) -> ResponseReturnValue:
    """Begin. Pressed twice, it begins once."""
    try:
        bulk.confirm(current_staff(), bulk_id)
    except Refused as refusal:
        session().rollback()
        warn_next(refusal.sentence)
    return redirect(url_for(".act", bulk_id=bulk_id), 303)


@bp.post("/<uuid:bulk_id>/cancel")
@needs("lead")
@commits
def cancel(bulk_id: uuid.UUID) -> ResponseReturnValue:
    """Stop. What is done stays done."""
    bulk.cancel(current_staff(), bulk_id)
    return redirect(url_for(".act", bulk_id=bulk_id), 303)


def _progress(found: bulk.Bulk) -> str:
    """What would be done, what is being done, or what was; a page of the cases with it."""
    start = request.args.get("start", "")
    start_at = int(start) if start.isascii() and start.isdigit() and len(start) <= LONGEST_NUMBER else 0
    lines, more = bulk.lines_of(found, start_at)
    note_many(found.id, many=len(lines))
    return render(
        "desk/bulk/progress.html",
        bulk=found,
        title=_title(found),
        words=_words(found),
        counted=_counted(found),
        poll_seconds=POLL_SECONDS,
        what=_what(found, [line.case for line in lines]),
        warned=bulk.warned(found.id) if found.state == "preview" else 0,
        lines=[(line, title_of(line.case), status_of(line.case)) for line in lines],
        previous=url_for(".act", bulk_id=found.id, start=max(0, start_at - bulk.PAGE)) if start_at else "",
        next=url_for(".act", bulk_id=found.id, start=start_at + bulk.PAGE) if more else "",
    )


def _words(found: bulk.Bulk) -> dict[str, str]:
    """What became of a case, or would become of it."""
    return {
        "done": gettext("Done"),
        "waiting": gettext("Can be done") if found.state == "preview" else gettext("Waiting"),
        "cannot": gettext("Cannot be done"),
        "refused": gettext("Not done"),
        "left": gettext("Left as it was"),
    }


def _counted(found: bulk.Bulk) -> list[str]:
    """How many cases there are of each."""
    return [f"{word}: {found.counts[code]}" for code, word in _words(found).items() if found.counts.get(code)]


def _what(found: bulk.Bulk, cases: Sequence[Case]) -> list[dict[str, str | Markup]]:
    """All that was chosen and typed, line by line, as it is or will be done to each case."""
    value = found.chosen.value
    until, template = value("until"), value("template")
    lines = {
        gettext("New status"): _status_title(value("target"), cases) if found.act == "move" else "",
        gettext("Team"): team_name(value("team")) if found.act == "pass_on" else "",
        gettext("On hold until"): format_date(date.fromisoformat(until)) if found.act == "hold" and until else "",
        gettext("Template"): _template_title(template) if found.act == "message" and template else "",
        _whose_words(found.act): value("reason") if found.act in WITH_WORDS else "",
    }
    prose = Markup('<span class="moot-prose">{}</span>')
    return [{"key": key, "value": prose.format(said)} for key, said in lines.items() if said]


def _whose_words(act: str) -> str:
    return gettext("Reason, for staff") if act == "pass_on" else gettext("Words that each resident reads")


def _status_title(code: str, cases: Sequence[Case]) -> str:
    """What the status is called by the first kind among these cases that has it."""
    found = (find_status(case.service, case.type, code) for case in cases)
    return next((str(status.title) for status in found if status), code)


def _template_title(typed: str) -> str:
    found = find_response(uuid.UUID(typed))
    return found.title if found else gettext("It is no longer there")


def _changing() -> bool:
    return request.method == "POST" or "change" in request.args


def _title(found: bulk.Bulk) -> str:
    return str(TITLES.get(found.act, found.act))


def _form(found: bulk.Bulk) -> BulkForm:
    values: dict[str, Any] = {name: found.values.get(name, "") for name in ("target", "team", "template", "reason")}
    form = BulkForm({**values, "act": found.act})
    form.act.choices = list(TITLES.items())
    cases = bulk.cases_of(found.id)
    form.target.choices = [("", gettext("Choose")), *targets(cases).items()]
    form.template.choices = [("", gettext("None: I type the words below")), *_templates(cases)]
    form.team.choices = [("", gettext("Choose")), *((team.slug, team.name) for team in all_teams())]
    return form


def _templates(cases: Sequence[Case]) -> list[tuple[str, str]]:
    """The templates that fit any of these cases."""
    kinds = {(case.service, case.type): case for case in cases}
    found = {str(each.id): each.title for kind in sorted(kinds) for each in responses_for(kinds[kind])}
    return sorted(found.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
