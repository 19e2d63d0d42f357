"""Files on a case, from either side. They stay as long as the case does, and go with it."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select

from portal import clock
from portal.cases.messages import LONGEST_KEY, may_write
from portal.cases.models import CaseRow
from portal.cases.talk_models import DocumentRow
from portal.cases.talk_values import Document
from portal.cases.telling import tell_resident
from portal.cases.values import Case, Channel, kind_of
from portal.cases.writing import change, in_their_place, lock_case
from portal.db.session import session
from portal.errors import Conflict, Forbidden, NotFound, Refused
from portal.files.models import StoredFileRow
from portal.files.operations import Stream, delete_file, keep, receive
from portal.files.queries import digest_of, files_by_id
from portal.files.values import StoredFile
from portal.web import limits
from portal.web.languages import gettext as _
from portal.web.texts import UnusableText, clean

LONGEST_TITLE: Final = 120
MOST: Final = 100
"""How many files a case may hold, so that its page can show them all."""
AN_HOUR: Final = 30
PURPOSE: Final = "case"
MAIL: Final = "home/mail/document.txt"

_DOCUMENTS = select(
    DocumentRow.id,
    DocumentRow.case_id,
    DocumentRow.file_id,
    DocumentRow.owner_id,
    DocumentRow.title,
    DocumentRow.added_at,
    DocumentRow.added_by,
    DocumentRow.visible,
    func.coalesce(StoredFileRow.state, "gone").label("state"),
    func.coalesce(StoredFileRow.media_type, "").label("media_type"),
    func.coalesce(StoredFileRow.size, 0).label("size"),
    func.coalesce(StoredFileRow.reason, "").label("reason"),
).outerjoin(StoredFileRow, StoredFileRow.id == DocumentRow.file_id)
_OF_CASE = (
    _DOCUMENTS.where(DocumentRow.case_id == bindparam("case"))
    .order_by(DocumentRow.added_at.desc(), DocumentRow.id.desc())
    .limit(MOST)
)
_VISIBLE = _OF_CASE.where(DocumentRow.visible)
_ONE = _DOCUMENTS.where(DocumentRow.case_id == bindparam("case"), DocumentRow.id == bindparam("document"))
_BY_KEY = select(DocumentRow.id, DocumentRow.title, DocumentRow.visible, DocumentRow.sent_sha256).where(
    DocumentRow.case_id == bindparam("case"), DocumentRow.idempotency_key == bindparam("key")
)
_COUNT = select(func.count()).select_from(DocumentRow).where(DocumentRow.case_id == bindparam("case"))
_WHOSE = select(CaseRow.account_id, CaseRow.service).where(CaseRow.id == bindparam("case"))


def add_document(
    actor: str,
    case_id: uuid.UUID,
    stream: Stream,
    *,
    title: str,
    key: str,
    visible: bool = True,
    channel: Channel = "web",
    for_resident: bool = False,
) -> Document:
    """Put a file on a case, once for each `key`. What a resident sends is always visible to them.

    `for_resident` is for staff who take in what a caller brings. Call it before anything is written: the file goes to
    the store first. Raises NotFound, Refused with what to do, TooMany, Unavailable, Conflict when the key was used for
    another document.
    """
    title = _title(title)
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"a document needs a key of at most {LONGEST_KEY} characters")
    by_resident = kind_of(actor) == "resident" or for_resident
    visible = visible or by_resident
    file = _receive(actor, case_id, stream, visible=visible)
    case = lock_case(case_id, actor=actor)
    if file.account_id != _owner_of(case.id, case.account_id, visible=visible):
        raise NotFound  # claimed or forgotten since: what was received goes with the transaction
    digest = digest_of(file.account_id, file.id)
    before = session().execute(_BY_KEY, {"case": case.id, "key": key}).one_or_none()
    if before is not None:  # the button was pressed twice, and the file came twice
        if (before.sent_sha256, before.title, before.visible) != (digest, title, visible):
            raise Conflict(
                _("You have sent another document from this page already. Choose this one again to send it.")
            )
        delete_file(file.account_id, file.id, actor=actor)
        return _document(session().execute(_ONE, {"case": case.id, "document": before.id}).one())
    _check_room(case, by_resident=by_resident)
    document_id = _insert(
        case,
        file.id,
        owner_id=file.account_id,
        title=title,
        actor=actor,
        visible=visible,
        key=key,
        sent_sha256=digest,
    )
    after = change(
        case,
        kind="document_added",
        actor=actor,
        channel=channel,
        visible=visible,
        details={"document": str(document_id)} | in_their_place(actor, for_resident),
        **({"waits_for": "council"} if by_resident and case.is_open else {}),
    )
    if visible and not by_resident:
        tell_resident(after, MAIL, about=title)
    return get_document(case.id, document_id)


def attach(case: Case, file_ids: Collection[uuid.UUID], *, title: str, actor: str) -> None:
    """Make files that were handed in with a task part of the locked case; their entry in the ledger is the task's.

    Raises Refused when one turned out to be no such file, or when none is left: what is not sent is kept for a while.
    """
    if case.account_id is None:
        raise NotFound
    files = files_by_id(case.account_id, file_ids)
    if file_ids and not files:
        raise Refused(_("We no longer have the files, because they were not sent for a long time. Choose them again."))
    if any(file.state == "refused" for file in files):
        raise Refused(_("One of the files cannot be used. Remove it first; the page says why."))
    for file in files:
        keep(case.account_id, file.id)
        _insert(case, file.id, owner_id=case.account_id, title=title, actor=actor, visible=True, key=str(file.id))


def documents_of(case_id: uuid.UUID, *, for_staff: bool = False) -> Sequence[Document]:
    """The files of a case, newest first; those that only staff may see for staff alone. Get the case first."""
    found = session().execute(_OF_CASE if for_staff else _VISIBLE, {"case": case_id})
    return [_document(row) for row in found]


def get_document(case_id: uuid.UUID, document_id: uuid.UUID) -> Document:
    """One file of a case, for staff who may look at that case: `portal.files.views.answer` shows it by its `owner_id`
    and `file_id`. Raises NotFound.
    """
    row = session().execute(_ONE, {"case": case_id, "document": document_id}).one_or_none()
    if row is None:
        raise NotFound
    return _document(row)


def remove_document(
    actor: str, case_id: uuid.UUID, document_id: uuid.UUID, *, reason: str, channel: Channel = "desk"
) -> None:
    """Take a file off a case and delete it: one that was sent by mistake. `reason` is for who could see the file.

    Raises NotFound, Refused without a reason, Forbidden for residents: what the council was sent is its record.
    """
    if kind_of(actor) == "resident":
        raise Forbidden
    if not reason.strip():
        raise Refused(_("Say why the document is removed."))
    case = lock_case(case_id, actor=actor)
    document = get_document(case.id, document_id)
    session().execute(delete(DocumentRow).where(DocumentRow.id == document.id))
    delete_file(document.owner_id, document.file_id, actor=actor)
    change(
        case,
        kind="document_removed",
        actor=actor,
        channel=channel,
        reason=reason.strip(),
        visible=document.visible,
        details={"document": str(document.id)},
    )


def _receive(actor: str, case_id: uuid.UUID, stream: Stream, *, visible: bool) -> StoredFile:
    """Take the file in, before anything is locked: the store may be slow. Raises NotFound as `lock_case` would."""
    whose = session().execute(_WHOSE, {"case": case_id}).one_or_none()
    by_resident = kind_of(actor) == "resident"
    if whose is None or (by_resident and actor != f"account:{whose.account_id}"):
        raise NotFound
    if by_resident:
        limits.hit(f"case-document:{actor}", limit=AN_HOUR, seconds=3600)
    owner_id = _owner_of(case_id, whose.account_id, visible=visible)
    return receive(stream, account_id=owner_id, service=whose.service, purpose=PURPOSE, kind="document", actor=actor)


def _owner_of(case_id: uuid.UUID, account_id: uuid.UUID | None, *, visible: bool) -> uuid.UUID:
    """Whose a file is: the resident's if they may see it and there is one, else the case's own."""
    return account_id if visible and account_id is not None else case_id


def _check_room(case: Case, *, by_resident: bool) -> None:
    writing = may_write(case)
    if by_resident and (not case.is_open or not writing.allowed):
        raise Refused(writing.sentence or _("This is closed. Write to us if you have something to add."))
    if session().execute(_COUNT, {"case": case.id}).scalar_one() >= MOST:
        raise Refused(_("There are too many files here already. Write to us about it."))


def _insert(
    case: Case,
    file_id: uuid.UUID,
    *,
    owner_id: uuid.UUID,
    title: str,
    actor: str,
    visible: bool,
    key: str,
    sent_sha256: str | None = None,
) -> uuid.UUID:
    document_id = uuid.uuid4()
    session().execute(
        insert(DocumentRow).values(
            id=document_id,
            case_id=case.id,
            account_id=case.account_id,
            file_id=file_id,
            owner_id=owner_id,
            title=title,
            added_at=clock.now(),
            added_by=actor,
            visible=visible,
            sent_sha256=sent_sha256,
            idempotency_key=key,
        )
    )
    return document_id


def _title(typed: str) -> str:
    try:
        title = clean(typed)
    except UnusableText:
        raise Refused(_("There are characters that we cannot use. Type it again instead of pasting it.")) from None
    if not title:
        raise Refused(_("Say what the document is."))
    if len(title) > LONGEST_TITLE:
        raise Refused(_("It must be %(limit)s characters or fewer.", limit=LONGEST_TITLE))
    return title


def _document(row: Row[*tuple[Any, ...]]) -> Document:
    return Document(**row._mapping)
