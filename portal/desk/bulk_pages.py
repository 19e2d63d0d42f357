"""Change many cases at once: what, tried on paper, confirmed, how far it is, and what became of each."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.cases.responses import responses_for
from portal.cases.teams import all_teams
from portal.cases.values import Case
from portal.db.session import commits, session
from portal.desk import bulk
from portal.desk.bulk_acts import TITLES, targets
from portal.desk.filters import read_filter
from portal.desk.worklist import Reader
from portal.errors import Refused
from portal.staff.gate import PREFIX
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.web import forms
from portal.web.languages import gettext, lazy_gettext
from portal.web.page import notify_next, render

bp = Blueprint("desk_bulk", __name__, url_prefix=f"{PREFIX}/many", template_folder="templates")

LONGEST_REASON = 1000


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
        words = str(self.reason.data).strip() or (act == "message" and self.template.data)
        if act in ("hold", "message") and not words:
            self.refuse(gettext("Enter words for the residents"), "reason")
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
        notify_next(refusal.sentence)
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
        return render("desk/bulk/progress.html", bulk=found, title=_title(found), lines=bulk.lines_of(bulk_id))
    form = _form(found)
    if form.accepted():
        reader = Reader(staff, current_grants())
        bulk.preview(reader, bulk_id, act=str(form.act.data), values=form.values)
        return redirect(url_for(".act", bulk_id=bulk_id), 303)
    return render("desk/bulk/act.html", form=form, bulk=found, most=bulk.MOST)


@bp.post("/<uuid:bulk_id>/confirm")
@needs("lead")
@commits
def confirm(bulk_id: uuid.UUID) -> ResponseReturnValue:
    """Begin. Pressed twice, it begins once."""
    try:
        bulk.confirm(current_staff(), bulk_id)
    except Refused as refusal:
        session().rollback()
        notify_next(refusal.sentence)
    return redirect(url_for(".act", bulk_id=bulk_id), 303)


@bp.post("/<uuid:bulk_id>/cancel")
@needs("lead")
@commits
def cancel(bulk_id: uuid.UUID) -> ResponseReturnValue:
    """Stop. What is done stays done."""
    bulk.cancel(current_staff(), bulk_id)
    return redirect(url_for(".act", bulk_id=bulk_id), 303)


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
