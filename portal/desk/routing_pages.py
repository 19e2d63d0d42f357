"""Routing rules: which team gets which new case. The list, each rule, their order, and a page to try them.

A rule decides which team will see its cases. So it is written by who has the right on all of them, whichever team they
would come to without it, and comes before no rule of others about some of the same cases.
"""

import re
import uuid
from collections.abc import Sequence
from typing import Final

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases import routing_rules
from portal.cases.routing import Choice, Facts, Rule, choose_team, share_cases
from portal.cases.teams import all_teams
from portal.cases.types import find_type
from portal.db.session import commits, session
from portal.desk import where_fields
from portal.desk.acting import keep_words
from portal.desk.people import names_of_staff
from portal.desk.routing_forms import RuleForm, TryForm, as_lines, read_facts
from portal.desk.routing_words import line_of, tried
from portal.errors import Conflict, Forbidden, NotFound, Refused
from portal.kit.at_desk import get_desk_case
from portal.staff.gate import PREFIX
from portal.staff.rights import needs
from portal.staff.sessions import current_staff
from portal.web import forms
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("desk_routing", __name__, url_prefix=f"{PREFIX}/routing", template_folder="templates")

_ORDER: Final = re.compile(r"([0-9a-f]{32})\.([0-9]{1,9})")
_MOVE: Final = re.compile(r"([0-9a-f]{32})(up|down)")


@bp.route("", methods=["GET", "POST"])
@needs("answers")
@commits
def rules() -> ResponseReturnValue:
    """The list, in the order in which the rules are tried. Its buttons move one rule up or down."""
    form = forms.Form()
    if form.posted:
        try:
            _move()
        except (Refused, Conflict, NotFound) as error:
            session().rollback()
            form.refuse(error.sentence or _("Look at the list again."))
        else:
            notify_next(_("The order is changed."))
            return redirect(url_for(".rules"), 303)
    found = routing_rules.all_rules()
    lines = [line_of(rule, _titles(), may_change=_may_write(rule)) for rule in found]
    return render("desk/routing/list.html", form=form, lines=lines, order=_as_text(found), may_add=bool(_choices()))


@bp.route("/new", methods=["GET", "POST"])
@needs("answers")
@commits
def new() -> ResponseReturnValue:
    """A rule after all others."""
    if not _choices():
        return keep_words(Forbidden(_("A rule is about the cases of every team, and your right is not.")), "answers")
    form = _form()
    if form.accepted():
        service, kind = form.where
        try:
            made = routing_rules.add_rule(
                current_staff().actor,
                key=form.once,
                team=str(form.team.data),
                service=service,
                type=kind,
                area=str(form.area.data),
                conditions=form.wanted,
            )
            _check(made)
        except (Refused, NotFound) as refusal:
            session().rollback()
            form.refuse(refusal.sentence or _("Choose a team"))
        else:
            notify_next(_("The rule is added after all others."))
            return redirect(url_for(".rules"), 303)
    return render("desk/routing/new.html", form=form)


@bp.route("/<uuid:rule_id>", methods=["GET", "POST"])
@needs("answers")
@commits
def rule(rule_id: uuid.UUID) -> ResponseReturnValue:
    """Change a rule. What somebody else saved meanwhile is shown beside it, and nothing is overwritten."""
    try:
        found = _get(rule_id)
    except NotFound as error:
        if request.method != "POST":
            raise
        return keep_words(error, "answers")
    form = _form(found)
    saved_now: Rule | None = None
    if form.accepted():
        service, kind = form.where
        behind = _others_behind(rule_id)
        try:
            after = routing_rules.save_rule(
                current_staff().actor,
                rule_id,
                expected_version=form.seen,
                team=str(form.team.data),
                service=service,
                type=kind,
                area=str(form.area.data),
                conditions=form.wanted,
            )
            _check(after)
            _check_order(rule_id, behind)
        except Conflict as conflict:
            session().rollback()
            form.refuse(conflict.sentence)
            saved_now = _get(rule_id)
            form.show_now(saved_now)
        except Refused as refusal:
            session().rollback()
            form.refuse(refusal.sentence)
        else:
            notify_next(_("The rule is saved."))
            return redirect(url_for(".rules"), 303)
    return render(
        "desk/routing/edit.html",
        form=form,
        rule=found,
        saved_now=line_of(saved_now, _titles()) if saved_now else None,
        names=names_of_staff([saved_now.changed_by] if saved_now else []),
    )


@bp.route("/<uuid:rule_id>/remove", methods=["GET", "POST"])
@needs("answers")
@commits
def remove(rule_id: uuid.UUID) -> ResponseReturnValue:
    """Ask once more, then take the rule away."""
    found = _get(rule_id)
    form = _form(found)
    if form.posted:
        try:
            routing_rules.delete_rule(current_staff().actor, rule_id, expected_version=form.seen)
        except Conflict as conflict:
            session().rollback()
            form.refuse(conflict.sentence)
            form.show_now(found)
        else:
            notify_next(_("The rule is gone."))
            return redirect(url_for(".rules"), 303)
    return render("desk/routing/remove.html", form=form, line=line_of(found, _titles()))


@bp.route("/try", methods=["GET", "POST"])
@needs("answers")
def try_out() -> ResponseReturnValue:
    """Which rule would decide about a case, which team would get it, and why the rules before it do not."""
    form = TryForm(channel="web")
    form.cases.choices = [each for each in where_fields.choices("look") if where_fields.SEPARATOR in each[0]]
    facts = _facts(form) if form.accepted() else None
    if facts is None:
        return render("desk/routing/try.html", form=form, choice=None)
    case_type = find_type(facts.service, facts.type)
    found, titles = routing_rules.all_rules(), _titles()
    choice = choose_team(found, facts, otherwise=case_type.team if case_type else "")
    return render(
        "desk/routing/try.html",
        form=form,
        choice=choice,
        lines=tried(found, choice, facts, titles),
        number=_number(found, choice),
        team=titles.get(choice.team, choice.team),
    )


def _form(found: Rule | None = None) -> RuleForm:
    form = RuleForm(_prefill(found)) if found else RuleForm()
    form.cases.choices = list(_choices())
    form.team.choices = [(team.slug, team.name) for team in all_teams()]
    return form


def _prefill(found: Rule) -> dict[str, str]:
    return {
        "version": str(found.version),
        "cases": where_fields.joined(found.service, found.type),
        "area": found.area,
        "conditions": as_lines(found.conditions),
        "team": found.team,
    }


def _facts(form: TryForm) -> Facts | None:
    """What is known of the case to try; None when it says neither a case nor a kind of case."""
    if form.reference.data:
        try:
            case = get_desk_case(str(form.reference.data))
        except NotFound as error:
            form.refuse(error.sentence, "reference")
            return None
        return Facts(service=case.service, type=case.type, area=case.area, channel=case.channel, summary=case.summary)
    if not form.cases.data:
        form.refuse(_("Choose a kind of case, or enter a reference"), "cases")
        return None
    service, kind = where_fields.parted(str(form.cases.data))
    return Facts(
        service=service,
        type=kind,
        area=str(form.area.data),
        channel=str(form.channel.data),
        summary=str(form.summary.data),
        more=read_facts(str(form.more.data)),
    )


def _move() -> None:
    """Move the rule of the button that was pressed. Raises Conflict when the list is another by now, Refused."""
    pressed = _MOVE.fullmatch(request.form.get("move", ""))
    if pressed is None:
        raise NotFound
    found = _get(uuid.UUID(pressed[1]))
    expected = [(uuid.UUID(each), int(version)) for each, version in _ORDER.findall(request.form.get("order", ""))]
    behind = _others_behind(found.id)
    routing_rules.move_rule(current_staff().actor, found.id, by=-1 if pressed[2] == "up" else 1, expected=expected)
    _check_order(found.id, behind)


def _as_text(found: Sequence[Rule]) -> str:
    return " ".join(f"{rule.id.hex}.{rule.version}" for rule in found)


def _number(found: Sequence[Rule], choice: Choice) -> int | None:
    return next((n for n, rule in enumerate(found, start=1) if choice.rule and rule.id == choice.rule.id), None)


def _get(rule_id: uuid.UUID) -> Rule:
    """The rule. One about cases for which they may write no rules is none."""
    found = routing_rules.find_rule(rule_id)
    if found is None or not _may_write(found):
        raise NotFound(_("There is no such rule, or it is for cases of others."))
    return found


def _choices() -> list[tuple[str, str]]:
    """The cases about which they may write rules, at least in some area."""
    return where_fields.choices("answers", team="")


def _check(made: Rule) -> None:
    """Raises Refused for a rule about cases for which they may write none: nothing is kept then."""
    if not _may_write(made):
        raise Refused(_("You may not write rules for these cases. Choose others."))


def _check_order(rule_id: uuid.UUID, behind: frozenset[uuid.UUID]) -> None:
    """Raises Refused when a rule of others that was not `behind` this one is so now: nothing is kept then."""
    if _others_behind(rule_id) - behind:
        raise Refused(
            _("It would come before a rule of others about some of the same cases. Ask whoever may change it.")
        )


def _others_behind(rule_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """The rules that are not theirs to write, of whose cases this one takes some because it is tried before them."""
    found = routing_rules.all_rules()
    place = next((n for n, rule in enumerate(found) if rule.id == rule_id), len(found))
    later = found[place + 1 :]
    return frozenset(rule.id for rule in later if share_cases(rule, found[place]) and not _may_write(rule))


def _may_write(rule: Rule) -> bool:
    """Whether they may write rules for all the cases that it is about, whichever team has them."""
    return where_fields.may("answers", rule.service, rule.type, area=rule.area, team="")


def _titles() -> dict[str, str]:
    return {team.slug: team.name for team in all_teams(closed=True)}
