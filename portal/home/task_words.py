"""What is said of tasks: what kind of case asks, and how and as whom something was done."""

from collections.abc import Sequence

from portal.cases.cosignings import signers_of_tasks
from portal.cases.talk_values import Task
from portal.cases.task_answers import SIGNED_AS
from portal.cases.types import find_type
from portal.cases.values import kind_of
from portal.web.languages import gettext as _
from portal.web.languages import ngettext


def kind_of_case(task: Task) -> str:
    """The title of the kind of case that asks; its code where the service is gone."""
    case_type = find_type(task.service, task.type)
    return str(case_type.title) if case_type else task.type


def how_all_done(tasks: Sequence[Task]) -> list[str]:
    """The same of several tasks, in their order."""
    signers = signers_of_tasks([task.id for task in tasks if task.kind == "cosign"])
    return [_how_done(task, signers.get(task.id, "")) for task in tasks]


def how_done(task: Task) -> str:
    """What was sent or signed, and as whom, of a task that is done."""
    return how_all_done([task])[0]


def _how_done(task: Task, signer: str) -> str:
    by_us = kind_of(task.ended_by) != "resident"
    if task.kind == "payment":
        return _("We noted your payment")
    if task.kind == "signature" and task.answers.get(SIGNED_AS):
        return _("Signed as %(name)s", name=task.answers[SIGNED_AS])
    if task.kind == "cosign" and not by_us:
        return _("Signed by %(name)s", name=signer) if signer else _("Signed by the person whom you asked")
    if task.kind == "form" and task.answers:
        return _("Your answers, sent by us for you") if by_us else _("Your answers, sent by you")
    if task.kind == "document" and task.file_ids:
        return ngettext("%(n)s file, sent", "%(n)s files, sent", len(task.file_ids))
    return _("Noted by the council")
