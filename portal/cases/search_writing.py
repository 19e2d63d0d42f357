"""Keep the words by which a case is found: written in the transaction that changes them.

What the case's service knows of it is not yet there when the case is opened, so that is read a little later, by the
clock. Everything else, messages and notes too, is found from the moment when it is committed.
"""

import logging
import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy import ARRAY, String, bindparam, func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.models import AddressRow, ProfileRow
from portal.cases.models import CaseEventRow, CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.search_models import CaseSearchRow
from portal.cases.search_words import marks, words_of
from portal.cases.talk_models import MessageRow, NoteRow
from portal.cases.types import facts_of, find_type
from portal.cases.values import Case, EventKind
from portal.db.session import session
from portal.jobs.queue import job
from portal.web.languages import LANGUAGES, using

log = logging.getLogger(__name__)

CHANGES_WORDS: Final[frozenset[EventKind]] = frozenset(
    {"opened", "claimed", "message_sent", "note_written", "passed_on", "routed"}
)
"""Besides every act for which a reason was written: the resident reads it, and staff look for its words."""
READ_AGAIN: Final[frozenset[EventKind]] = frozenset({"claimed", "task_done"})
"""After these the service may have more to say."""
TRY_AGAIN: Final = timedelta(hours=1)
"""How long a case is left alone of which its service could not say what was sent."""
MOST_TEXTS: Final = 200

_MESSAGES = (
    select(MessageRow.body)
    .where(MessageRow.case_id == bindparam("case"))
    .order_by(MessageRow.sent_at.desc(), MessageRow.id.desc())
    .limit(MOST_TEXTS)
)
_NOTES = (
    select(NoteRow.body)
    .where(NoteRow.case_id == bindparam("case"))
    .order_by(NoteRow.written_at.desc(), NoteRow.id.desc())
    .limit(MOST_TEXTS)
)
_REASONS = (
    select(CaseEventRow.reason)
    .where(CaseEventRow.case_id == bindparam("case"), CaseEventRow.reason != "")
    .order_by(CaseEventRow.id.desc())
    .limit(MOST_TEXTS)
)
_BY_ACCOUNT = bindparam("account", type_=ProfileRow.account_id.type)
_NAMES = select(func.concat_ws(" ", ProfileRow.given_name, ProfileRow.family_name, ProfileRow.preferred_name)).where(
    ProfileRow.account_id == _BY_ACCOUNT
)
_ADDRESSES = select(
    func.concat_ws(" ", func.array_to_string(AddressRow.lines, literal(" ")), AddressRow.postcode)
).where(AddressRow.account_id == _BY_ACCOUNT)
_FACTS = select(CaseSearchRow.facts).where(CaseSearchRow.case_id == bindparam("case"))
_TEXTS = union_all(_MESSAGES, _NOTES, _REASONS, _NAMES, _ADDRESSES, _FACTS)
_WORDS = func.array_to_tsvector(bindparam("found", type_=ARRAY(String)))
_WRITE = insert(CaseSearchRow).values(
    case_id=bindparam("case"), opened_at=bindparam("opened_at"), facts="", read_at=None, words=_WORDS
)
_UPSERT = _WRITE.on_conflict_do_update(index_elements=["case_id"], set_={"words": _WRITE.excluded.words})
_AGAIN = update(CaseSearchRow).where(CaseSearchRow.case_id == bindparam("case")).values(read_at=None, try_at=None)
_WAITS = func.coalesce(CaseSearchRow.try_at, CaseSearchRow.opened_at)
# An act locks its case before the words, so both are locked here, and nothing is waited for: the act's turn comes
# first, and what it leaves unread is taken up at the next run.
_NEXT = (
    select(*CASE_COLUMNS)
    .join(CaseSearchRow, CaseSearchRow.case_id == CaseRow.id)
    .where(CaseSearchRow.read_at.is_(None), bindparam("now") >= _WAITS)
    .order_by(_WAITS, CaseSearchRow.case_id)
    .limit(1)
    .with_for_update(of=[CaseRow, CaseSearchRow], skip_locked=True)
)
_ROW = update(CaseSearchRow).where(CaseSearchRow.case_id == bindparam("case"))


def follow(case: Case, kind: EventKind, reason: str = "") -> None:
    """After each change of a case: keep up with what it changes about the words, in the same transaction."""
    if reason or kind in CHANGES_WORDS:
        write_words(case)
    if kind in READ_AGAIN:
        session().execute(_AGAIN, {"case": case.id})


def write_words(case: Case) -> None:
    """Write down all words of a case as they are now. Nothing is kept of a case whose person is forgotten."""
    if case.account_id is None:
        return
    texts = session().execute(_TEXTS, {"case": case.id, "account": case.account_id}).scalars().all()
    found = [*_marks(case), *words_of([case.reference, case.summary, *_titles(case), *texts])]
    session().execute(_UPSERT, {"case": case.id, "opened_at": case.opened_at, "found": found})


def follow_account(account_id: uuid.UUID) -> None:
    """After a resident's name or address has changed: have the words of their cases written again, soon."""
    cases = select(CaseRow.id).where(CaseRow.account_id == account_id)
    session().execute(
        update(CaseSearchRow).where(CaseSearchRow.case_id.in_(cases)).values(read_at=None, try_at=None),
        execution_options={"synchronize_session": False},
    )


@job("cases.read_facts", cron="* * * * *")
def read_facts() -> None:
    """Ask the services what was sent with new cases, and enter it; each case committed by itself.

    A case of which a service cannot say it is tried again later, and keeps no other one waiting.
    """
    while (row := session().execute(_NEXT, {"now": clock.now()}).one_or_none()) is not None:
        _read(case_from(row))
        session().commit()


def _read(case: Case) -> None:
    """The case and its row here are locked, so nothing that an act writes meanwhile is overwritten."""
    try:
        with session().begin_nested():
            said = _said_of(case)
            session().execute(_ROW.values(facts=said, read_at=clock.now(), try_at=None), {"case": case.id})
            write_words(case)
    except Exception as error:  # noqa: BLE001  # a fault of any service; it must not stop the words of all others
        log.error("the facts of the case %s could not be read: %s", case.id, type(error).__name__)
        session().execute(_ROW.values(try_at=clock.now() + TRY_AGAIN), {"case": case.id})


def _said_of(case: Case) -> str:
    with using("en"):
        return "\n".join(line for fact in facts_of(case) for line in fact.lines)


def _titles(case: Case) -> list[str]:
    case_type = find_type(case.service, case.type)
    found = []
    for language in LANGUAGES if case_type else ():
        with using(language):
            found.append(case_type.title_of(case.summary) if case_type else "")
    return found


def _marks(case: Case) -> list[str]:
    return marks(service=case.service, type=case.type, team=case.team, area=case.area, opened_at=case.opened_at)
