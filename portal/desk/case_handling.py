"""Take a case, put it back, pass it on, hold it, decide it, open it again."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases.declared import Move
from portal.cases.ending import may_reopen, reopen_by_staff
from portal.cases.holding import hold_case, resume_case
from portal.cases.moving import find_way, move_case
from portal.cases.taking import may_take, must_be_open, pass_on, release_case, take_case
from portal.cases.task_queries import open_tasks_left
from portal.cases.teams import all_teams
from portal.cases.types import find_status, find_type
from portal.cases.values import Case
from portal.desk.act_forms import ActForm, HoldForm, PassOnForm, ReasonForm
from portal.desk.acting import acts, as_shown, attempt, keep_words, page
from portal.desk.case_acts import may_pass_on, may_release
from portal.desk.case_blueprint import bp
from portal.desk.colleagues import by_id, who_may_work_on
from portal.errors import Forbidden, NotFound, Refused
from portal.kit.at_desk import get_desk_case, rights_on
from portal.staff.sessions import current_staff
from portal.web.languages import gettext as _
from portal.web.page import warn_next


@bp.route("/<reference>/take", methods=["GET", "POST"])
@acts("work")
def take(case: Case) -> ResponseReturnValue:
    """The case in one's own hands."""

    def do() -> None:
        take_case(case.id, actor=current_staff().actor, expected_version=form.seen)

    form = ActForm()
    done = attempt(form, case, do, done=_("You deal with this case now."))
    explained = _("You deal with this case from now on.")
    return done or page("confirm", case, form, check=_may_take, act=_("Take it"), explained=explained)


@bp.route("/<reference>/release", methods=["GET", "POST"])
@acts("work")
def release(case: Case) -> ResponseReturnValue:
    """The case back on the team's list."""

    def do() -> None:
        now = as_shown(case, form, "released", lambda now: now.holder_id is None)
        if now is not None and not may_release(now, rights_on(now)):
            raise Forbidden
        release_case(case.id, actor=current_staff().actor)

    form = ActForm()
    if case.holder_id is None and not form.posted:
        return redirect(url_for(".case", reference=case.reference))
    done = attempt(form, case, do, done=_("The case is on the team’s list again."), right="lead")
    explained = _("The case goes back on the team’s list, for anybody of the team to take.")
    return done or page(
        "confirm", case, form, check=_may_release, act=_("Put it back on the list"), explained=explained
    )


@bp.route("/<reference>/pass-on", methods=["GET", "POST"])
@acts("work")
def pass_case_on(case: Case) -> ResponseReturnValue:
    """Give it to another team, another person, or both."""

    def do() -> None:
        team, reason = str(form.team.data), str(form.reason.data)
        person = by_id(able).get(str(form.person.data))
        to = (team, person.id if person else None)
        now = as_shown(case, form, "passed_on", lambda now: (now.team, now.holder_id) == to, reason=reason)
        if now is None:
            return
        if not may_pass_on(now, rights_on(now)):
            raise Forbidden
        if person is not None and not person.may_work_in(team):
            raise Refused(_("%(name)s does not work on cases of this team.", name=person.name))
        if (now.team, now.holder_id) == to:
            raise Refused(_("It is there already. Choose another team or person."))
        pass_on(case.id, actor=current_staff().actor, team=team, holder_id=to[1], reason=reason)

    if request.method == "GET" and case.is_open and not may_pass_on(case, rights_on(case)):
        return keep_words(Forbidden(), "lead")
    able = who_may_work_on(case)
    form = PassOnForm(team=case.team)
    form.team.choices = [(team.slug, team.name) for team in all_teams()]
    if case.team not in form.team.values:
        form.team.choices.insert(0, (case.team, case.team or _("Choose a team")))
    form.person.choices = [(str(each.id), each.name) for each in able]
    done = attempt(
        form,
        case,
        do,
        done=_("Case %(reference)s is passed on.", reference=case.reference),
        field="person",
        right="lead",
    )
    if done is not None and not _still_theirs(case.reference):
        return redirect(url_for("desk_front.front"), 303)
    return done or page("pass_on", case, form, check=_may_pass_on)


@bp.route("/<reference>/hold", methods=["GET", "POST"])
@acts("work")
def hold(case: Case) -> ResponseReturnValue:
    """Let it wait until a day."""

    def do() -> None:
        assert form.until.data is not None  # the form has asked for it
        hold_case(
            case.id,
            actor=current_staff().actor,
            until_on=form.until.data,
            reason=str(form.reason.data),
            expected_version=form.seen,
        )

    form = HoldForm()
    done = attempt(form, case, do, done=_("The case is on hold. It comes back by itself."), field="until")
    return done or page("hold", case, form, check=must_be_open)


@bp.route("/<reference>/resume", methods=["GET", "POST"])
@acts("work")
def resume(case: Case) -> ResponseReturnValue:
    """Take it up again before its day."""

    def do() -> None:
        resume_case(case.id, actor=current_staff().actor, expected_version=form.seen)

    form = ActForm()
    if not case.is_held and not form.posted:
        return redirect(url_for(".case", reference=case.reference))
    done = attempt(form, case, do, done=_("The case is no longer on hold."))
    explained = _("The clock runs again. The promised day is later by the working days on hold.")
    return done or page("confirm", case, form, check=_must_be_held, act=_("Take it up again"), explained=explained)


@bp.route("/<reference>/move/<target>", methods=["GET", "POST"])
@acts("work")
def move(case: Case, target: str) -> ResponseReturnValue:
    """Decide: bring it to another status, in the ways that its kind of case knows."""

    def do() -> None:
        move_case(
            case.id,
            to=target,
            actor=current_staff().actor,
            channel="desk",
            reason=str(form.reason.data),
            expected_version=form.seen,
            rights=rights_on(case),
        )

    form = ReasonForm()
    way = _find_move(case, target)
    if way is None and not form.posted:
        if find_status(case.service, case.type, target) is None:
            raise NotFound
        warn_next(_("This cannot be done at the stage it has reached."))
        return redirect(url_for(".case", reference=case.reference), 303)
    if way is not None and way.right not in rights_on(case):
        return keep_words(Forbidden(), way.right)
    if way is not None and way.asks_reason:
        form.ask()
    done = attempt(form, case, do, done=_("Done. The resident is told."), right=way.right if way else "work")
    if done is not None:
        return done
    return page(
        "move",
        case,
        form,
        check=lambda now: find_way(now, target, "staff"),
        act=_title(case, target),
        target=_status(case, target),
        withdraws=_withdrawn_by(case, target),
    )


@bp.route("/<reference>/reopen", methods=["GET", "POST"])
@acts("decide")
def reopen(case: Case) -> ResponseReturnValue:
    """Open a closed case again, with a new promise."""

    def do() -> None:
        reopen_by_staff(case.id, actor=current_staff().actor, reason=str(form.reason.data), expected_version=form.seen)

    form = ReasonForm()
    form.ask()
    if case.is_open and not form.posted:
        return redirect(url_for(".case", reference=case.reference))
    done = attempt(form, case, do, done=_("The case is open again."))
    return done or page("reopen", case, form, check=_may_reopen)


def _find_move(case: Case, target: str) -> Move | None:
    try:
        return find_way(case, target, "staff")[0]
    except Refused:
        return None


def _withdrawn_by(case: Case, code: str) -> int:
    """How many things that the resident was asked for end with the case, if that status closes it."""
    status = find_status(case.service, case.type, code)
    return open_tasks_left(case.id) if status is not None and not status.open else 0


def _title(case: Case, target: str) -> str:
    """What bringing it to that status is called, from where it stands or else from elsewhere."""
    case_type = find_type(case.service, case.type)
    moves = [move for move in case_type.moves if move.target == target and move.title] if case_type else []
    moves.sort(key=lambda move: move.source != case.status)
    return str(moves[0].title) if moves else _("Change the status")


def _may_take(case: Case) -> None:
    may_take(case, current_staff().id)


def _may_release(case: Case) -> None:
    if case.holder_id is None:
        raise Refused(_("It is on this team’s list already."))
    if not may_release(case, rights_on(case)):
        may_take(case, current_staff().id)


def _may_pass_on(case: Case) -> None:
    must_be_open(case)
    if not may_pass_on(case, rights_on(case)):
        may_take(case, current_staff().id)


def _must_be_held(case: Case) -> None:
    if not case.is_held:
        raise Refused(_("It is not on hold."))


def _may_reopen(case: Case) -> None:
    if case.is_open:
        raise Refused(_("This case is open already."))
    may_reopen(case)


def _status(case: Case, code: str) -> str:
    status = find_status(case.service, case.type, code)
    return str(status.title) if status else code


def _still_theirs(reference: str) -> bool:
    """Whether they may still look at a case that they have just given away."""
    try:
        get_desk_case(reference)
    except NotFound:
        return False
    return True
