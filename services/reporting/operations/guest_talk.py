"""What the council and a guest say to each other: told by e-mail, read and answered on the page of their letter.

The e-mail says that there is something to read, and no more: mail is read by others, and by programs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Row, bindparam, exists, func, or_, select

from portal.kit import (
    Case,
    Message,
    NotFound,
    Writing,
    get_case,
    letter_token,
    may_write,
    messages_of,
    send_message,
    session,
    tasks_of,
    write_to,
)
from services.reporting.models.following import Follower
from services.reporting.models.guests import Guest
from services.reporting.models.reports import Report
from services.reporting.operations.guests import LETTER_PATH, PURPOSE, GuestReport

LONGEST_MESSAGE: Final = 4000
NEWS: Final = "reporting/mail/guest_news.txt"
WORTH_A_LETTER: Final = frozenset({"message_sent", "document_added", "task_set"})
"""What the ledger tells of besides moves, of which `telling` writes to guests."""
_TO = (Guest.email, Guest.letter_id, Guest.language, Guest.account_id, Report.reference)
_CONFIRMED = (Guest.confirmed_at.is_not(None), Guest.email.is_not(None))
_OF_CASE = (
    select(*_TO)
    .join(Report, Report.id == Guest.draft_id)
    .where(Report.case_id == bindparam("case"), Guest.account_id == bindparam("account"), *_CONFIRMED)
)
# Whoever followed a report that was merged follows the one that stays.
_STILL_FOLLOWS = exists().where(
    or_(Follower.report_id == Report.id, Follower.report_id == Report.merged_into_id),
    func.lower(Follower.email) == func.lower(Guest.email),
)
_OF_REPORT = (
    select(*_TO)
    .join(Report, Report.id == Guest.draft_id)
    .where(Report.id == bindparam("report"), *_CONFIRMED, _STILL_FOLLOWS)
)


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said on a guest's report, newest first, and whether they can write; `older` is where older ones begin.

    `asked` is whether we asked for something that only an account can give, such as a document.
    """

    messages: Sequence[Message]
    older: str | None
    writing: Writing
    asked: bool


def tell_guest(case: Case, kind: str) -> None:
    """Write to the guest whose report this is that there is something to read: the ledger's `on_told`."""
    if kind in WORTH_A_LETTER:
        found = session().execute(_OF_CASE, {"case": case.id, "account": case.account_id}).one_or_none()
        if found is not None:
            _write(found, written=True)


def tell_guest_of_move(report_id: UUID) -> None:
    """Write to the guest that their report moved which nobody else can see, unless they wanted no more letters."""
    found = session().execute(_OF_REPORT, {"report": report_id}).one_or_none()
    if found is not None:
        _write(found, written=False)


def case_of(found: GuestReport) -> Case:
    """The case of a report that was sent. Raises NotFound."""
    return get_case(found.account_id, found.reference)


def talk_of(found: GuestReport, *, before: str | None = None) -> Talk:
    """What was said on it. Raises NotFound before it was sent, and once an account has it: there it is read."""
    case = _theirs(found)
    said, older = messages_of(case.id, before=before)
    asked = any(task.state == "open" for task in tasks_of(case.id))
    return Talk(said, older, may_write(case), asked)


def answer(found: GuestReport, words: str, *, key: str) -> None:
    """Write to the council as the guest. Raises as `talk_of`; Refused, TooMany, Conflict as `send_message`."""
    send_message(f"account:{found.account_id}", _theirs(found).id, words, key=key)


def _theirs(found: GuestReport) -> Case:
    if found.claimed or not found.reference:
        raise NotFound
    return case_of(found)


def _write(to: Row[str | None, UUID | None, str, UUID, str], *, written: bool) -> None:
    assert to.email is not None, "asked for those with an address"
    assert to.letter_id is not None, "confirmed by a letter"
    write_to(
        to.email,
        template=NEWS,
        language=to.language,
        path=f"{LETTER_PATH}{letter_token(PURPOSE, to.letter_id)}",
        account_id=to.account_id,
        reference=to.reference,
        written=written,
    )
