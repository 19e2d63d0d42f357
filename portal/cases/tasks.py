"""What a case asks of its resident: the one mechanism for every service.

A task asks for a form, for documents, for a payment, for the resident's signature or for that of a second person, by
a day or without one. Staff or a service set it; the resident does it in the portal. What is saved on the way stays
with the task, so that nothing is lost by an error, a time-out or a second browser; it is sent by `do_task`, which
takes exactly what the resident has checked or says that it has changed.
"""

import uuid
from datetime import date
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update

from portal import clock
from portal.cases import cosignings, documents
from portal.cases.closing import WITHDRAWN_MAIL
from portal.cases.messages import LONGEST_KEY
from portal.cases.paying import why_not_payable
from portal.cases.talk_models import TaskRow
from portal.cases.talk_values import TASK_KINDS, Task, TaskKind, TaskState
from portal.cases.task_answers import why_not_complete
from portal.cases.task_forms import TaskForm
from portal.cases.task_queries import TASKS, find_task, open_tasks_left, task_from
from portal.cases.telling import tell_resident
from portal.cases.types import facts_of, find_type, tell_task_done
from portal.cases.values import Case, Channel, EventKind, kind_of
from portal.cases.writing import change, check_version, lock_case
from portal.db.session import session
from portal.errors import Conflict, Forbidden, NotFound, Refused
from portal.web.languages import gettext as _

LONGEST_TITLE: Final = 120
LONGEST_WORDS: Final = 2000
MAIL: Final = "home/mail/task.txt"
DONE_MAIL: Final = "home/mail/task_done.txt"

_BY_KEY = TASKS.where(TaskRow.case_id == bindparam("case"), TaskRow.idempotency_key == bindparam("key"))
_ASKED = attrgetter("set_by", "kind", "title", "words", "form", "amount", "pay_url", "due_on")
"""What makes two tasks the same."""
_LOCK = select(TaskRow.id).where(TaskRow.id == bindparam("task")).with_for_update()


def set_task(
    case_id: uuid.UUID,
    *,
    kind: TaskKind,
    title: str,
    actor: str,
    key: str,
    words: str = "",
    form: str = "",
    amount: int | None = None,
    pay_url: str = "",
    due_on: date | None = None,
    channel: Channel = "desk",
    expected_version: int | None = None,
) -> Task:
    """Ask the case's resident for something, once for each `key`. They are told, and it is their turn.

    `title` is in the imperative ("Send a photo of your tenancy agreement"), `words` say why and what for; where it is
    to be signed, by the resident or a second person (`cosign`), they are the statement that is signed. `form` is the
    code of a form in the case type; `amount` in whole pence and `pay_url` are where a payment is made.
    Raises NotFound, Refused with what is wrong, Forbidden for residents, ChangedMeanwhile when the case is no longer at
    `expected_version`, Conflict when a page that names one used the key to ask for something else.
    """
    if kind_of(actor) == "resident":
        raise Forbidden
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"a task needs a key of at most {LONGEST_KEY} characters")
    title, words = title.strip(), words.strip()
    case = lock_case(case_id, actor=actor)
    before = session().execute(_BY_KEY, {"case": case.id, "key": key}).one_or_none()
    asked = (actor, kind, title, words, form, amount, pay_url, due_on)
    if before is not None and (expected_version is None or _ASKED(task_from(before)) == asked):
        return task_from(before)
    check_version(case, expected_version)
    if before is not None:
        raise Conflict(_("You have sent this page already, with other words. Open the case again before you write."))
    if refusal := _why_not(case, kind, title, words, form, amount, pay_url, due_on):
        raise Refused(refusal)
    task_id = uuid.uuid4()
    session().execute(
        insert(TaskRow).values(
            id=task_id,
            case_id=case.id,
            account_id=case.account_id,
            kind=kind,
            title=title,
            words=words,
            form=form,
            amount=amount,
            pay_url=pay_url,
            due_on=due_on,
            state="open",
            answers={},
            version=1,
            set_by=actor,
            set_at=clock.now(),
            ended_by="",
            idempotency_key=key,
        )
    )
    after = _note(case, "task_set", task_id, actor, channel, waits_for="resident")
    tell_resident(after, MAIL, path=f"/tasks/{task_id}", about=title)
    return _get(task_id)


def withdraw_task(actor: str, task_id: uuid.UUID, *, reason: str = "", channel: Channel = "desk") -> Task:
    """Ask no longer, and tell the resident. `reason` is for them. One that is withdrawn already stays so.

    Raises NotFound, Forbidden for residents, Conflict when it has been done meanwhile.
    """
    if kind_of(actor) == "resident":
        raise Forbidden
    case, task = lock_task(task_id, actor=actor)
    if task.state == "withdrawn":
        return task
    if task.state == "done":
        raise Conflict(_("The resident has done this meanwhile. Open the case again."))
    cosignings.withdraw_for(task.id)
    _end(task, "withdrawn", actor)
    after = _note(case, "task_withdrawn", task.id, actor, channel, reason=reason, **_turn_after(case))
    tell_resident(after, WITHDRAWN_MAIL, about=task.title)
    return _get(task.id)


def complete_task(actor: str, task_id: uuid.UUID, *, channel: Channel = "desk") -> Task:
    """Say for the council that a task is done: a payment that has come, a document that was handed in at a counter.

    The resident is told. Done twice it is done once. Raises NotFound, Forbidden for residents, Conflict when it was
    withdrawn.
    """
    if kind_of(actor) == "resident":
        raise Forbidden
    case, task = lock_task(task_id, actor=actor)
    if task.state == "done":
        return task
    if task.state == "withdrawn":
        raise Conflict(_("This is no longer asked for."))
    cosignings.withdraw_for(task.id)
    after, done = finish(case, task, actor=actor, channel=channel)
    tell_resident(after, DONE_MAIL, about=task.title)
    return done


def do_task(
    account_id: uuid.UUID, task_id: uuid.UUID, *, version: int, actor: str | None = None, channel: Channel = "web"
) -> Task:
    """Send what the resident has saved with their task and then checked, at that `version`.

    Sent twice it is done once. `actor` is who does it for them, staff on the telephone; else they themselves.
    Raises NotFound, Refused when something is missing or it is not theirs to do, Conflict when it was changed since
    it was checked, or is no longer asked for.
    """
    case, task = lock_task(task_id, account_id=account_id)
    if task.state == "done":
        return task
    _still_asked(task)
    if task.kind in ("payment", "cosign"):
        raise Refused(_("We mark this as done ourselves, as soon as we know."))
    if version != task.version:
        raise Conflict(_("This was changed in another window since you checked it. Check it again before you send it."))
    if refusal := why_not_complete(task, _form_of(case, task.form)):
        raise Refused(refusal)
    actor = actor or f"account:{account_id}"
    if task.kind == "signature" and kind_of(actor) != "resident":
        raise Refused(_("Only the person themselves can sign."))
    documents.attach(case, task.file_ids, title=task.title, actor=actor)
    return finish(case, task, actor=actor, channel=channel)[1]


def save_task(account_id: uuid.UUID, task_id: uuid.UUID, **answers: Any) -> Task:  # plain JSON values
    """Keep answers with the resident's open task, in the place of earlier ones of the same names.

    Raises NotFound, Conflict when it is done or no longer asked for.
    """
    _case, task = lock_task(task_id, account_id=account_id)
    if task.state == "done":
        raise Conflict(_("You have sent this already."))
    _still_asked(task)
    merged = {**task.answers, **answers}
    if merged != task.answers:
        session().execute(update(TaskRow).where(TaskRow.id == task.id).values(answers=merged, version=task.version + 1))
    return _get(task.id)


def lock_task(
    task_id: uuid.UUID, *, account_id: uuid.UUID | None = None, actor: str | None = None
) -> tuple[Case, Task]:
    """A task and its case, which nobody else changes until the end of the transaction. Always the case first, so that
    no two ever wait for each other. With an account, only that resident's own. Raises NotFound.
    """
    found = find_task(task_id)
    if found is None or (account_id is not None and found.account_id != account_id):
        raise NotFound
    case = lock_case(found.case_id, actor=actor or f"account:{account_id}")
    session().execute(_LOCK, {"task": task_id})
    return case, _get(task_id)


def finish(case: Case, task: Task, *, actor: str, channel: Channel, kind: EventKind = "task_done") -> tuple[Case, Task]:
    """The locked task is done: it is the council's turn, if nothing else is asked, and the service hears of it."""
    _end(task, "done", actor)
    after = _note(case, kind, task.id, actor, channel, **_turn_after(case))
    done = _get(task.id)
    tell_task_done(after, done)
    return after, done


def _why_not(
    case: Case,
    kind: str,
    title: str,
    words: str,
    form: str,
    amount: int | None,
    pay_url: str,
    due_on: date | None,
) -> str | None:
    """Why this cannot be asked for, in words for staff."""
    if kind not in TASK_KINDS:
        raise ValueError(f"a task is one of {', '.join(TASK_KINDS)}, not {kind!r}")
    if case.account_id is None:
        return _("This case has no resident with an account whom you could ask.")
    if not case.is_open:
        return _("This case is closed. Reopen it before you ask for something.")
    if not title or len(title) > LONGEST_TITLE or len(words) > LONGEST_WORDS:
        return _("Say what the resident has to do, in 120 characters or fewer, and why in 2,000 or fewer.")
    if due_on is not None and due_on < clock.today():
        return _("The day must be today or later.")
    return _why_not_kind(case, kind, words, form, amount, pay_url)


def _why_not_kind(case: Case, kind: str, words: str, form: str, amount: int | None, pay_url: str) -> str | None:
    if kind == "form" and not form:
        return _("Choose which form you ask for.")
    if kind == "form" and _form_of(case, form) is None:
        return _("This kind of case has no such form.")
    if kind == "payment":
        return why_not_payable(amount, pay_url)
    if kind in ("signature", "cosign") and not words:
        return _("Write the statement that is to be signed.")
    if kind == "cosign" and not any(fact.for_cosigner for fact in facts_of(case)):
        return _("This kind of case has nothing that a second person could sign.")
    return None


def _form_of(case: Case, code: str) -> TaskForm | None:
    case_type = find_type(case.service, case.type)
    return case_type.forms.get(code) if case_type else None


def _still_asked(task: Task) -> None:
    if task.state == "withdrawn":
        raise Conflict(_("This is no longer asked for. You do not have to do anything."))


def _turn_after(case: Case) -> dict[str, str]:
    """Whose turn it is once a task has ended: the resident's while something else is asked of them."""
    return {"waits_for": "resident" if open_tasks_left(case.id) else "council"}


def _end(task: Task, state: TaskState, actor: str) -> None:
    session().execute(
        update(TaskRow)
        .where(TaskRow.id == task.id)
        .values(state=state, ended_at=clock.now(), ended_by=actor, version=task.version + 1)
    )


def _note(
    case: Case,
    kind: EventKind,
    task_id: uuid.UUID,
    actor: str,
    channel: Channel,
    reason: str = "",
    **values: Any,  # columns of the case with what they become
) -> Case:
    return change(
        case, kind=kind, actor=actor, channel=channel, reason=reason, details={"task": str(task_id)}, **values
    )


def _get(task_id: uuid.UUID) -> Task:
    task = find_task(task_id)
    if task is None:
        raise NotFound
    return task
