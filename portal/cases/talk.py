"""All that is said, asked for and handed in on cases: about one person, and at the end of a case's keeping."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from portal.cases.models import CaseRow
from portal.cases.talk_models import CosigningRow, DocumentRow, MessageRow, NoteRow, TaskRow
from portal.db.session import session
from portal.errors import NotFound
from portal.files.operations import delete_file
from portal.web.languages import gettext as _

_MESSAGES = (
    select(
        CaseRow.reference,
        MessageRow.sent_at,
        MessageRow.channel,
        MessageRow.from_staff,
        MessageRow.team,
        MessageRow.body,
    )
    .join(CaseRow, CaseRow.id == MessageRow.case_id)
    .where(MessageRow.account_id == bindparam("account"))
    .order_by(MessageRow.sent_at, MessageRow.id)
)
_DOCUMENTS = (
    select(CaseRow.reference, DocumentRow.title, DocumentRow.added_at, DocumentRow.file_id)
    .join(CaseRow, CaseRow.id == DocumentRow.case_id)
    .where(DocumentRow.account_id == bindparam("account"), DocumentRow.visible)
    .order_by(DocumentRow.added_at, DocumentRow.id)
)
_TASKS = (
    select(
        CaseRow.reference,
        TaskRow.kind,
        TaskRow.title,
        TaskRow.words,
        TaskRow.due_on,
        TaskRow.amount,
        TaskRow.state,
        TaskRow.set_at,
        TaskRow.ended_at,
        TaskRow.answers,
    )
    .join(CaseRow, CaseRow.id == TaskRow.case_id)
    .where(TaskRow.account_id == bindparam("account"))
    .order_by(TaskRow.set_at, TaskRow.id)
)
_COSIGNINGS = select(
    CaseRow.reference,
    CosigningRow.statement,
    CosigningRow.facts,
    CosigningRow.state,
    CosigningRow.asked_at,
    CosigningRow.ended_at,
).join(CaseRow, CaseRow.id == CosigningRow.case_id)
_ASKED = _COSIGNINGS.add_columns(CosigningRow.email).where(CosigningRow.account_id == bindparam("account"))
_SIGNED = _COSIGNINGS.where(CosigningRow.signer_id == bindparam("account"))


def everything_about(account_id: uuid.UUID) -> dict[str, Any]:
    """What is kept of a person here, as plain values for their data export.

    Notes among staff are left out, for the reasons that `portal.cases.notes` gives; so are documents of staff alone.
    Of a signature for somebody else's case there is what they were shown, and nothing of the case besides.
    """
    values = {"account": account_id}
    return {
        "case_notes": _("Staff may keep notes on a case. They are not in this file: ask us, and we look through them."),
        "case_messages": _plain(_MESSAGES, values),
        "case_documents": [
            {
                "reference": row.reference,
                "title": row.title,
                "added_at": row.added_at,
                "address": f"/files/{row.file_id}",
            }
            for row in session().execute(_DOCUMENTS, values)
        ],
        "case_tasks": _plain(_TASKS, values),
        "signatures_asked_of_others": _plain(_ASKED.order_by(CosigningRow.asked_at, CosigningRow.id), values),
        "signatures_given": _plain(_SIGNED.order_by(CosigningRow.asked_at, CosigningRow.id), values),
    }


def forget(account_id: uuid.UUID) -> None:
    """Forget what was said, noted, handed in and asked for on the person's cases, before the cases forget them.

    What they signed for somebody else stays signed: that case's resident relies on it. It no longer says by whom.
    """
    _delete(select(CaseRow.id).where(CaseRow.account_id == account_id))
    session().execute(update(CosigningRow).where(CosigningRow.signer_id == account_id).values(signer_id=None))


def let_go(case_ids: Collection[uuid.UUID]) -> None:
    """The keeping of these cases is over: delete what was said, noted, handed in and asked for."""
    if case_ids:
        _delete(list(case_ids))


def _delete(cases: Any) -> None:  # ids, or a query for them
    """Delete everything of these cases. Files go one by one, each with its content once that is certain."""
    mine = DocumentRow.case_id.in_(cases)
    for owner_id, file_id in session().execute(select(DocumentRow.owner_id, DocumentRow.file_id).where(mine)).all():
        _delete_file(owner_id, file_id)
    for task in session().execute(select(TaskRow.account_id, TaskRow.answers).where(TaskRow.case_id.in_(cases))).all():
        for each in task.answers.get("files", ()):
            _delete_file(task.account_id, uuid.UUID(each))
    for row in (DocumentRow, MessageRow, NoteRow, CosigningRow, TaskRow):  # tasks after the signatures that name them
        session().execute(delete(row).where(row.case_id.in_(cases)))


def _delete_file(owner_id: uuid.UUID | None, file_id: uuid.UUID) -> None:
    if owner_id is None:
        return
    try:
        delete_file(owner_id, file_id, actor="system:cases")
    except NotFound:  # gone already, with the person's other files
        return


def _plain(query: Any, values: dict[str, Any]) -> Sequence[dict[str, Any]]:  # a select, of whatever columns
    return [dict(row._mapping) for row in session().execute(query, values)]
