"""Merge a duplicate into the case that is worked on: which one, then both beside each other, then for good."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.cases.merging import may_merge, merge_case
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.taking import must_be_open
from portal.cases.types import facts_of
from portal.cases.values import Case
from portal.db.session import session
from portal.desk.act_forms import MergeForm, MergeIntoForm
from portal.desk.acting import acts, ask_first, attempt, keep_words, page
from portal.desk.case_blueprint import bp
from portal.desk.case_words import holder_name, resident_of, status_of, title_of
from portal.errors import Forbidden, NotFound, Refused
from portal.kit.at_desk import asked_why, get_desk_case
from portal.staff.rights import current_grants
from portal.staff.sessions import current_staff
from portal.web.languages import gettext as _

MOST_LIKELY = 10


@bp.route("/<reference>/merge", methods=["GET", "POST"])
@acts("lead")
def merge(case: Case) -> ResponseReturnValue:
    """Ask which case stays. Those that the same resident has open are at hand."""
    form = MergeForm()
    if form.accepted():
        try:
            other = get_desk_case(str(form.other.data))
            may_merge(case, other)
        except (NotFound, Refused) as error:
            form.refuse(error.sentence, "other")
        else:
            return redirect(url_for(".merge_into", reference=case.reference, other=other.reference), 303)
    return page("merge", case, form, check=must_be_open, likely=_likely(case), status_of=status_of, title_of=title_of)


@bp.route("/<reference>/merge/<other>", methods=["GET", "POST"])
@acts("lead")
def merge_into(case: Case, other: str) -> ResponseReturnValue:
    """Show both, and do it once it is confirmed."""

    def do() -> None:
        merge_case(
            case.id,
            into=master.id,
            actor=current_staff().actor,
            reason=str(form.reason.data),
            expected_version=form.seen,
            into_version=form.other_seen,
            may=lambda each: current_grants().require("lead", each),
        )

    form = MergeIntoForm()
    try:
        master = get_desk_case(other)
        current_grants().require("lead", master)
    except (NotFound, Forbidden) as error:
        if not form.posted:
            raise
        return keep_words(error, "lead")
    form.other_id = master.id
    if not form.posted:
        form.other_version.data = str(master.version)
    if not form.posted and (asked := asked_why(master, master.reference)) is not None:
        return asked
    done = attempt(form, case, do, done=_("The case is merged."), right="lead") or ask_first(master)
    if done is not None:
        return done
    return page(
        "merge_into",
        case,
        form,
        check=lambda now: may_merge(now, _now_of(master, form)),
        master=master,
        same=case.account_id is not None and case.account_id == master.account_id,
        both=[_beside(case), _beside(master)],
    )


def _now_of(master: Case, form: MergeIntoForm) -> Case:
    """The case that stays as it is now, where it is the one that somebody has changed."""
    return form.changed.now if form.changed and form.changed.now.id == master.id else master


def _beside(case: Case) -> dict[str, object]:
    """One of two cases as it stands beside the other."""
    return {
        "case": case,
        "title": title_of(case),
        "status": status_of(case),
        "resident": resident_of(case),
        "holder": holder_name(case.holder_id),
        "facts": facts_of(case),
    }


def _likely(case: Case) -> list[Case]:
    """Open cases of the same resident and service that they may look at, oldest first."""
    if case.account_id is None:
        return []
    query = (
        select(*CASE_COLUMNS)
        .where(
            CaseRow.account_id == case.account_id,
            CaseRow.service == case.service,
            CaseRow.id != case.id,
            CaseRow.closed_at.is_(None),
            current_grants().where("lead", CaseRow),
        )
        .order_by(CaseRow.opened_at, CaseRow.id)
        .limit(MOST_LIKELY)
    )
    return [case_from(row) for row in session().execute(query)]
