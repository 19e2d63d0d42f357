"""The one table of rights: who may do what, written and struck out by administrators."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, exists, select

from portal.cases.models import CaseRow
from portal.cases.teams import all_teams
from portal.db.session import commits, session
from portal.desk import where_fields
from portal.errors import NotFound, Refused
from portal.staff import granting, rights
from portal.staff.gate import PREFIX
from portal.staff.rights import RightLine, needs
from portal.staff.sessions import current_staff, find_members
from portal.staff.values import RIGHT_TITLES, ROLE_TITLES, ROLES, Grant, Role
from portal.web import forms
from portal.web.languages import gettext as _
from portal.web.languages import lazy_gettext
from portal.web.page import notify_next, render, warn_next

bp = Blueprint("desk_rights", __name__, url_prefix=f"{PREFIX}/rights", template_folder="templates")

EVERY = "*"
"""Every case, or every team. It has to be chosen: a right for all is never what nobody has answered."""
_HAS_AREA = exists().where(CaseRow.area == bindparam("area"))


class RightForm(forms.Form):
    """One line of the table."""

    group = forms.TextField(
        lazy_gettext("Group"),
        hint=lazy_gettext("Exactly as the place where staff sign in calls it, such as street-services."),
        required=lazy_gettext("Enter a group"),
        max_length=granting.LONGEST_GROUP,
        spellcheck=False,
    )
    role = forms.SelectField(lazy_gettext("Role"), required=lazy_gettext("Choose a role"))
    cases = forms.SelectField(
        lazy_gettext("For which cases"), blank=lazy_gettext("Choose"), required=lazy_gettext("Choose for which cases")
    )
    area = forms.TextField(
        lazy_gettext("Area"), hint=lazy_gettext("Leave it empty for every area."), max_length=40, spellcheck=False
    )
    team = forms.SelectField(
        lazy_gettext("Team"), blank=lazy_gettext("Choose"), required=lazy_gettext("Choose a team, or every team")
    )

    def grant(self) -> Grant:
        """What the line says."""
        cases, team = ("" if field.data == EVERY else str(field.data) for field in (self.cases, self.team))
        service, kind = where_fields.parted(cases)
        role: Role = next(role for role in ROLES if role == self.role.data)
        return Grant(role, service, kind, str(self.area.data), team)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the page shows it. Empty places are put into words."""

    id: uuid.UUID
    group: str
    role: str
    where: str
    added_by: str
    added_at: datetime
    removed_by: str = ""
    removed_at: datetime | None = None


@bp.route("", methods=["GET", "POST"])
@needs("administer")
@commits
def table() -> ResponseReturnValue:
    """The whole table, what was struck out lately, and a form for one more line."""
    form = _form()
    if form.accepted():
        try:
            staff = current_staff()
            added = granting.add_right(
                staff.actor, group=str(form.group.data), grant=form.grant(), own_groups=staff.groups
            )
        except Refused as refusal:
            form.refuse(refusal.sentence)
        else:
            _say_given(form.grant(), new=added.new)
            return redirect(url_for(".table"), 303)
    lines, gone = rights.all_lines(), rights.struck_out()
    names, teams = _names([*lines, *gone]), _teams()
    return render(
        "desk/rights.html",
        form=form,
        lines=[_shown(line, names, teams) for line in lines],
        gone=[_shown(line, names, teams) for line in gone],
        roles=_roles(),
    )


@bp.route("/<uuid:right_id>/remove", methods=["GET", "POST"])
@needs("administer")
@commits
def remove(right_id: uuid.UUID) -> ResponseReturnValue:
    """Ask once more, then strike the line out."""
    line = next((each for each in rights.all_lines() if each.id == right_id), None)
    if line is None:
        raise NotFound(_("There is no such right, or somebody has just taken it away."))
    form = forms.Form()
    if form.accepted():
        try:
            granting.remove_right(current_staff().actor, right_id)
        except Refused as refusal:
            form.refuse(refusal.sentence)
        else:
            notify_next(_("The right is taken away"))
            return redirect(url_for(".table"), 303)
    return render("desk/right_remove.html", form=form, line=_shown(line, _names([line]), _teams()))


def _say_given(grant: Grant, *, new: bool) -> None:
    """Nobody knows all areas beforehand: one of which nothing has come in yet may be right, or misspelt."""
    if grant.area and not session().scalar(select(_HAS_AREA), {"area": grant.area}):
        warn_next(
            _("The right is given. No case has the area “%(area)s” yet: check how it is written.", area=grant.area)
        )
    else:
        notify_next(_("The right is given") if new else _("The group had this right already"))


def _form() -> RightForm:
    form = RightForm()
    form.team.choices = [(EVERY, _("Every team")), *((team.slug, team.name) for team in all_teams())]
    form.role.choices = [(role, title) for role, title in ROLE_TITLES.items()]
    form.cases.choices = [(EVERY, _("Every case")), *where_fields.kinds().items()]
    return form


def _roles() -> list[tuple[str, list[str]]]:
    """Each role with what it may do, in words."""
    return [
        (str(title), [str(RIGHT_TITLES[r]) for r in RIGHT_TITLES if r in ROLES[role]])
        for role, title in ROLE_TITLES.items()
    ]


def _names(lines: Sequence[RightLine]) -> dict[str, str]:
    """By actor: the names of those who changed the table. Colleagues may read them, residents never do."""
    actors = {actor for line in lines for actor in (line.added_by, line.removed_by) if actor}
    ids = {uuid.UUID(actor.partition(":")[2]) for actor in actors if actor.startswith("staff:")}
    return {member.actor: member.name for member in find_members(ids).values()}


def _teams() -> Mapping[str, str]:
    """What each team is called, closed ones too."""
    return {team.slug: team.name for team in all_teams(closed=True)}


def _shown(line: RightLine, names: dict[str, str], teams: Mapping[str, str]) -> Shown:
    grant = line.grant
    cases = where_fields.in_words(grant.service, grant.type) if grant.service else ""
    area = _("area %(x)s", x=grant.area) if grant.area else ""
    team = _("team %(x)s", x=teams.get(grant.team, grant.team)) if grant.team else ""
    where = ", ".join(filter(None, (cases, area, team)))
    return Shown(
        line.id,
        line.staff_group,
        str(ROLE_TITLES.get(grant.role, grant.role)),
        where or _("everywhere"),
        _who(line.added_by, names),
        line.added_at,
        _who(line.removed_by or "", names),
        line.removed_at,
    )


def _who(actor: str, names: dict[str, str]) -> str:
    return names.get(actor, _("a command") if actor.startswith("system:") else actor)
