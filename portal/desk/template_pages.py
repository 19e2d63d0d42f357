"""Response templates: who may write answers keeps them here. Each change is a version, and none is ever changed."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

import wtforms
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import responses
from portal.cases.merge_fields import FIELDS, unknown_in
from portal.cases.messages import LONGEST_MESSAGE
from portal.cases.responses import LONGEST_TITLE, Response, Version
from portal.db.session import commits, session
from portal.desk import where_fields
from portal.desk.acting import keep_words
from portal.desk.people import names_of_staff
from portal.desk.text_changes import Piece, changes
from portal.errors import Conflict, NotFound, Refused
from portal.staff.gate import PREFIX
from portal.staff.rights import needs
from portal.staff.sessions import current_staff
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("desk_templates", __name__, url_prefix=f"{PREFIX}/templates", template_folder="templates")

_UUID: Final = re.compile(r"[0-9a-f]{32}")


class TemplateForm(forms.Form):
    """What a template says."""

    version = wtforms.HiddenField()
    key = wtforms.HiddenField(default=lambda: uuid.uuid4().hex)
    title = forms.TextField(
        _("Title"), hint=_("Only staff read this."), required=_("Enter a title"), max_length=LONGEST_TITLE
    )
    body = forms.TextAreaField(
        _("What it says in English"), required=_("Enter what it says"), max_length=LONGEST_MESSAGE, rows=10
    )
    body_cy = forms.TextAreaField(
        _("What it says in Welsh"),
        hint=_("Residents who read the portal in Welsh get this. Without it they get the English."),
        max_length=LONGEST_MESSAGE,
        rows=10,
    )

    @property
    def seen(self) -> int:
        """The version that the page showed; one that cannot be read is none that there ever was."""
        sent = self.version.data or ""
        return int(sent) if re.fullmatch(r"[0-9]{1,4}", sent) else 0

    @property
    def once(self) -> uuid.UUID:
        """The page's key; a new one where it was tampered with."""
        sent = self.key.data or ""
        return uuid.UUID(sent) if _UUID.fullmatch(sent) else uuid.uuid4()


class NewForm(TemplateForm):
    """A template that there is not yet."""

    cases = forms.SelectField(_("For which cases"), blank=None, mark_optional=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """One version beside the former one."""

    number: int
    written_by: str
    written_at: datetime
    english: Sequence[Piece]
    welsh: Sequence[Piece]


@bp.get("")
@needs("answers")
def templates() -> str:
    """Those that they may write, and where each may be used."""
    found = [each for each in responses.all_responses() if _may_write(each.service, each.type)]
    names = names_of_staff(each.written_by for each in found)
    lines = [(each, where_fields.in_words(each.service, each.type), names[each.written_by]) for each in found]
    return render("desk/templates/list.html", lines=lines, may_write=bool(_choices()))


@bp.route("/new", methods=["GET", "POST"])
@needs("answers")
@commits
def new() -> ResponseReturnValue:
    """Write a template."""
    form = NewForm()
    form.cases.choices = list(_choices())
    if form.accepted():
        service, kind = where_fields.parted(str(form.cases.data))
        if not _may_write(service, kind):
            form.refuse(gettext("You may not write templates for these cases. Choose others"), "cases")
            return _page("new", form)
        try:
            responses.write_response(
                current_staff().actor,
                key=form.once,
                title=str(form.title.data),
                body=str(form.body.data),
                body_cy=str(form.body_cy.data),
                service=service,
                type=kind,
            )
        except Refused as refusal:
            form.refuse(refusal.sentence, _blamed(form))
        else:
            notify_next(gettext("The template is written. Staff can use it from now on."))
            return redirect(url_for(".templates"), 303)
    return _page("new", form)


@bp.route("/<uuid:template_id>", methods=["GET", "POST"])
@needs("answers")
@commits
def template(template_id: uuid.UUID) -> ResponseReturnValue:
    """Write a new version. What somebody else wrote meanwhile is shown beside it, and nothing is overwritten."""
    try:
        found = _get(template_id)
    except NotFound as error:
        if request.method != "POST":
            raise
        return keep_words(error, "answers")
    form = TemplateForm(found, version=str(found.version))
    saved_now: Response | None = None
    if form.accepted():
        try:
            after = responses.rewrite_response(
                current_staff().actor,
                template_id,
                expected_version=form.seen,
                title=str(form.title.data),
                body=str(form.body.data),
                body_cy=str(form.body_cy.data),
            )
        except Refused as refusal:
            form.refuse(refusal.sentence, _blamed(form))
        except Conflict as conflict:
            session().rollback()
            form.refuse(conflict.sentence)
            saved_now = responses.get_response(template_id)
            form.version.data = str(saved_now.version)
        else:
            notify_next(gettext("Version %(n)s is in use from now on.", n=after.version))
            return redirect(url_for(".templates"), 303)
    names = names_of_staff([saved_now.written_by] if saved_now else [])
    return _page("edit", form, template=found, saved_now=saved_now, names=names)


@bp.get("/<uuid:template_id>/versions")
@needs("answers")
def versions(template_id: uuid.UUID) -> str:
    """All that it has said: who wrote what when, each beside the one before."""
    found = _get(template_id)
    every = responses.versions_of(template_id)
    names = names_of_staff(each.written_by for each in every)
    return render("desk/templates/versions.html", template=found, versions=_beside_former(every, names))


@bp.post("/<uuid:template_id>/retire")
@needs("answers")
@commits
def retire(template_id: uuid.UUID) -> ResponseReturnValue:
    """Offer it no more. It stays here, and can be offered again."""
    found = _get(template_id)
    responses.retire_response(current_staff().actor, found.id)
    notify_next(gettext("“%(title)s” is no longer offered.", title=found.title))
    return redirect(url_for(".templates"), 303)


@bp.post("/<uuid:template_id>/offer")
@needs("answers")
@commits
def offer(template_id: uuid.UUID) -> ResponseReturnValue:
    """Offer it again."""
    found = _get(template_id)
    responses.retire_response(current_staff().actor, found.id, retired=False)
    notify_next(gettext("“%(title)s” is offered again.", title=found.title))
    return redirect(url_for(".templates"), 303)


def _page(name: str, form: TemplateForm, **values: object) -> str:
    return render(f"desk/templates/{name}.html", form=form, fields=FIELDS.values(), **values)


def _get(template_id: uuid.UUID) -> Response:
    """The template. One for cases that they may not write for is none."""
    found = responses.find_response(template_id)
    if found is None or not _may_write(found.service, found.type):
        raise NotFound(gettext("There is no such template, or it is for cases of others."))
    return found


def _choices() -> Sequence[tuple[str, str]]:
    return where_fields.choices("answers", area="", team="")


def _may_write(service: str, kind: str) -> bool:
    """Whether they write for every team and area there: all of them use a template."""
    return where_fields.may("answers", service, kind, area="", team="")


def _blamed(form: TemplateForm) -> str:
    """The field that most likely holds what is wrong."""
    return "body_cy" if unknown_in(str(form.body_cy.data)) and not unknown_in(str(form.body.data)) else "body"


def _beside_former(every: Sequence[Version], names: dict[str, str]) -> list[Shown]:
    """Newest first, as they come; the first of all stands beside nothing."""
    former = [(newer, older.body, older.body_cy) for newer, older in pairwise(every)]
    if every:
        former.append((every[-1], "", ""))
    return [
        Shown(
            each.version,
            names[each.written_by],
            each.written_at,
            changes(body, each.body),
            changes(body_cy, each.body_cy),
        )
        for each, body, body_cy in former
    ]
