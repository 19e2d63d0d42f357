"""The page of a case at the desk: all that is known of it, for those who may look, and what they may do with it."""

import uuid
from typing import Final

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, select

from portal import clock
from portal.accounts.queries import get_profile
from portal.audit.operations import record
from portal.cases import messages, notes, queries
from portal.cases.documents import documents_of, get_document
from portal.cases.merging import absorbed_into
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.talk_values import Task
from portal.cases.task_answers import shown_answers
from portal.cases.task_queries import tasks_of
from portal.cases.teams import team_name
from portal.cases.types import facts_of, find_type
from portal.cases.values import Case, Fact
from portal.db.session import commits, session
from portal.desk import case_words, presence
from portal.desk.case_acts import offered
from portal.desk.case_blueprint import bp
from portal.desk.people import not_reached_by
from portal.errors import NotFound
from portal.files.queries import find_file
from portal.files.values import StoredFile
from portal.files.views import answer
from portal.identity.time_left import watching
from portal.kit.at_desk import asked_why, get_desk_case, note_look, reason_for
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.web.languages import gettext as _
from portal.web.page import render

MOST_OTHERS: Final = 20


@bp.get("/<reference>")
@needs("look")
def case(reference: str) -> ResponseReturnValue:
    """One case, once it is known why they look."""
    found = get_desk_case(reference)
    asked = asked_why(found, found.reference)
    if asked is not None:
        return asked
    grants = current_grants()
    viewers = presence.note_here(found.id, current_staff().id)
    said, older = messages.messages_of(found.id, before=request.args.get("before"))
    noted, older_notes = notes.notes_of(found.id, before=request.args.get("notes"))
    papers, tasks = documents_of(found.id, for_staff=True), tasks_of(found.id)
    events, resident = queries.whole_timeline(found.id), case_words.resident_of(found)
    case_type = find_type(found.service, found.type)
    forms = case_type.forms if case_type else {}
    return render(
        "desk/case/case.html",
        case=found,
        title=case_words.title_of(found),
        status=case_words.status_of(found),
        colour=case_words.colour_of(found),
        turn=case_words.TURNS.get(found.waits_for, found.waits_for),
        promise=case_words.promise_of(found),
        team=team_name(found.team),
        holder=case_words.holder_name(found.holder_id),
        channel=case_words.channel_words(found.channel),
        check=case_words.check_of(found),
        resident=resident,
        here=case_words.viewers_in_words(viewers),
        poll_seconds=presence.POLL_SECONDS,
        facts=[(fact, _fact_file(found, fact)) for fact in facts_of(found)],
        messages=said,
        older=older,
        notes=noted,
        older_notes=older_notes,
        documents=papers,
        tasks=[(task, shown_answers(forms.get(task.form), task.answers) if _answered(task) else ()) for task in tasks],
        events=events,
        most_events=queries.MOST_EVENTS,
        names=case_words.names_of(
            case_words.actors_in(events, said, noted, papers) | {found.opened_by or "system:"}, found, resident, events
        ),
        channel_words=case_words.channel_words,
        absorbed=[each for each in absorbed_into(found.id) if grants.on("look", each)],
        master=_master(found),
        others=_others(found),
        status_of=case_words.status_of,
        title_of=case_words.title_of,
        acts=offered(found),
        may_reach=_may_reach(found),
        may_work=grants.on("work", found),
        may_remove=grants.on("decide", found),
        today=clock.today(),
    )


@bp.get("/<reference>/contact")
@needs("look")
def contact(reference: str) -> ResponseReturnValue:
    """How to reach the resident. Seeing that is a look of its own, which they can read."""
    found = get_desk_case(reference)
    if found.account_id is None or not _may_reach(found):
        raise NotFound(_("You cannot see anything more about who sent this."))
    asked = asked_why(found, found.reference)
    if asked is not None:
        return asked
    reason = reason_for(found)
    if reason is not None:
        note_look(found, what="profile", reason=reason)
    profile = get_profile(found.account_id)
    broken = not_reached_by(profile)
    return render("desk/case/contact.html", case=found, profile=profile, home=profile.address("home"), broken=broken)


@bp.get("/<reference>/documents/<uuid:document_id>")
@needs("look")
@commits
def document(reference: str, document_id: uuid.UUID) -> ResponseReturnValue:
    """A document of the case, to be saved. That it was fetched is on the record."""
    found = get_desk_case(reference)
    asked = asked_why(found, found.reference)
    if asked is not None:
        return asked
    paper = get_document(found.id, document_id)
    response = answer(paper.owner_id, paper.file_id)
    record(
        "case.document_fetched",
        actor=current_staff().actor,
        subject=f"case:{found.id}",
        account_id=found.account_id,
        document=str(paper.id),
    )
    return response


@bp.get("/<reference>/files/<uuid:file_id>")
@needs("look")
def file(reference: str, file_id: uuid.UUID) -> ResponseReturnValue:
    """A file that came with the case: a part of what its page shows."""
    found = get_desk_case(reference)
    asked = asked_why(found, found.reference)
    if asked is not None:
        return asked
    if found.account_id is None or file_id not in {fact.file_id for fact in facts_of(found)}:
        raise NotFound
    return answer(found.account_id, file_id)


@bp.post("/<reference>/here")
@needs("look")
@watching
def here(reference: str) -> ResponseReturnValue:
    """Asked by an open page again and again: who else is here, and whether it shows what is."""
    found = get_desk_case(reference)
    acting = request.form.get("acting") == "1"
    others = presence.note_here(found.id, current_staff().id, acting=acting)
    changed = request.form.get("version", "") != str(found.version)
    sentence = _("This case has changed since you opened the page. Open it again to see how it is now.")
    return jsonify(here=case_words.viewers_in_words(others), changed=sentence if changed else "")


def _answered(task: Task) -> bool:
    """Whether what is saved with a task is for staff to see: only what the resident has sent."""
    return task.state == "done" and task.kind == "form"


def _may_reach(found: Case) -> bool:
    """Whether they may see how to reach the resident: those who work on the case, and who help callers."""
    grants = current_grants()
    return found.account_id is not None and (grants.on("work", found) or grants.on("assist", found))


def _fact_file(found: Case, fact: Fact) -> StoredFile | None:
    return find_file(found.account_id, fact.file_id) if fact.file_id and found.account_id else None


def _master(found: Case) -> Case | None:
    """The case that this one was merged into, if they may look at it."""
    if found.merged_into_id is None:
        return None
    return next(iter(_allowed(CaseRow.id == found.merged_into_id)), None)


def _others(found: Case) -> list[Case]:
    """The same resident's other cases, the newest first: those that they may look at."""
    if found.account_id is None:
        return []
    return _allowed(and_(CaseRow.account_id == found.account_id, CaseRow.id != found.id))


def _allowed(which: ColumnElement[bool]) -> list[Case]:
    allowed = select(*CASE_COLUMNS).where(which, current_grants().where("look", CaseRow))
    newest = allowed.order_by(CaseRow.opened_at.desc(), CaseRow.id.desc()).limit(MOST_OTHERS)
    return [case_from(row) for row in session().execute(newest)]
