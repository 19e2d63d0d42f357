"""Answers kept on the server step by step, so that nothing is lost by a time-out, a new sign-in or a second tab."""

import json
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, ScalarSelect, Select, Text, bindparam, cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB

from portal import clock
from portal.accounts.values import Account
from portal.cases.models import DraftRow, FormBegunRow
from portal.cases.values import Draft
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.web.languages import gettext as _

COUNTED_DAYS: Final = 120
"""For how long it is kept that a form was begun: until the statistics have added it up for the last time."""
DRAFT_DAYS: Final = 30
"""Drafts that nobody has touched for so long are deleted, sent or not."""
MOST_DRAFTS: Final = 20
LARGEST_STEP: Final = 64 * 1024

_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # PostgreSQL keeps every character in JSON but this one

_COLUMNS = (
    DraftRow.id,
    DraftRow.account_id,
    DraftRow.service,
    DraftRow.journey,
    DraftRow.step,
    DraftRow.answers,
    DraftRow.created_at,
    DraftRow.updated_at,
    DraftRow.case_id,
)
_OWN = select(*_COLUMNS).where(DraftRow.account_id == bindparam("account"))
_ONE = _OWN.where(DraftRow.id == bindparam("draft"))
_ONE_LOCKED = _ONE.with_for_update()
_UNSENT = _OWN.where(DraftRow.case_id.is_(None)).order_by(DraftRow.updated_at.desc(), DraftRow.id.desc())
# One statement that merges in the row as it is then: of two tabs that save two steps at once, both are kept.
_SAVE = (
    update(DraftRow)
    .where(
        DraftRow.id == bindparam("draft"),
        DraftRow.account_id == bindparam("account"),
        DraftRow.case_id.is_(None),
    )
    .values(
        answers=DraftRow.answers.op("||")(
            func.jsonb_build_object(cast(bindparam("key"), Text), bindparam("part", type_=JSONB))
        ),
        step=bindparam("key"),
        updated_at=bindparam("now"),
    )
    .returning(*_COLUMNS)
)


def start_draft(account: Account, *, service: str, journey: str) -> Draft:
    """A new, empty draft. Raises Refused when the resident has too many."""
    unsent = open_drafts(account.id, limit=MOST_DRAFTS)
    if len(unsent) >= MOST_DRAFTS:
        raise Refused(_("You have too many unfinished forms. Finish or delete one of them first."))
    now = clock.now()
    values = {
        "id": uuid.uuid4(),
        "account_id": account.id,
        "service": service,
        "journey": journey,
        "step": "",
        "answers": {},
        "created_at": now,
        "updated_at": now,
    }
    begun = {"id": values["id"], "service": service, "journey": journey, "begun_at": now}
    session().execute(insert(FormBegunRow).values(**begun))
    return _draft(session().execute(insert(DraftRow).values(**values).returning(*_COLUMNS)).one())


def save_answers(account: Account, draft_id: uuid.UUID, *, step: str, answers: Mapping[str, Any]) -> Draft:
    """The draft with this step's answers, which replace its earlier ones and leave the other steps alone.

    `answers` is JSON: text, numbers, true, false, null, lists, objects. Raises NotFound, Conflict when it was sent
    already, Refused when there is too much.
    """
    text = json.dumps(answers, ensure_ascii=False)
    if _NUL.search(text):
        raise Refused(_("Remove the characters that cannot be printed."))
    if len(text.encode()) > LARGEST_STEP:
        raise Refused(_("There is too much text on this page. Shorten it."))
    values = {"draft": draft_id, "account": account.id, "key": step, "part": dict(answers), "now": clock.now()}
    row = session().execute(_SAVE, values).one_or_none()
    if row is None:
        get_draft(account.id, draft_id)
        raise Conflict(_("You have already sent this, so it cannot be changed here."))
    return _draft(row)


def hold_draft(account: Account, draft_id: uuid.UUID) -> Draft:
    """The draft, held until the end of the transaction: the first act of sending it.

    The second of two clicks waits here, and then finds `case_id` set. Raises NotFound.
    """
    return _get(_ONE_LOCKED, account.id, draft_id)


def finish(account: Account, draft_id: uuid.UUID, *, case_id: uuid.UUID) -> None:
    """The draft was sent as this case; its answers live there now and are removed here.

    Again with the same case does nothing. Raises NotFound, Conflict when it was sent as another.
    """
    draft = hold_draft(account, draft_id)
    if draft.case_id == case_id:
        return
    if draft.case_id is not None:
        raise Conflict(_("You have already sent this, so it cannot be changed here."))
    session().execute(
        update(DraftRow).where(DraftRow.id == draft_id).values(case_id=case_id, answers={}, updated_at=clock.now())
    )
    session().execute(update(FormBegunRow).where(FormBegunRow.id == draft_id).values(sent_at=clock.now()))


def discard_draft(account: Account, draft_id: uuid.UUID) -> None:
    """Delete an unsent draft at the resident's wish. Raises NotFound, Conflict when it was sent already."""
    if hold_draft(account, draft_id).case_id is not None:
        raise Conflict(_("You have already sent this, so it cannot be changed here."))
    session().execute(delete(DraftRow).where(DraftRow.id == draft_id))


def get_draft(account_id: uuid.UUID, draft_id: uuid.UUID) -> Draft:
    """The resident's own draft. Raises NotFound."""
    return _get(_ONE, account_id, draft_id)


def open_drafts(account_id: uuid.UUID, *, service: str | None = None, limit: int = MOST_DRAFTS) -> Sequence[Draft]:
    """What the resident has begun and not sent, the last touched first."""
    query = _UNSENT if service is None else _UNSENT.where(DraftRow.service == service)
    return [_draft(row) for row in session().execute(query.limit(limit), {"account": account_id})]


def count_of_drafts(service: str, journeys: Collection[str]) -> ScalarSelect[int]:
    """How many drafts of these journeys `account` has begun and not sent: a column for a statement that a service
    makes anyway, where home waits for it.
    """
    return (
        select(func.count())
        .select_from(DraftRow)
        .where(
            DraftRow.account_id == bindparam("account"),
            DraftRow.case_id.is_(None),
            DraftRow.service == service,
            DraftRow.journey.in_(journeys),
        )
        .scalar_subquery()
    )


@job("cases.sweep_drafts", cron="17 3 * * *")
def sweep_drafts() -> None:
    """Delete drafts that nobody has touched for a month, and which forms were begun once the days have it."""
    delete_in_portions(DraftRow, DraftRow.updated_at < clock.now() - timedelta(days=DRAFT_DAYS))
    delete_in_portions(FormBegunRow, FormBegunRow.begun_at < clock.now() - timedelta(days=COUNTED_DAYS))


def _get(query: Select[*tuple[Any, ...]], account_id: uuid.UUID, draft_id: uuid.UUID) -> Draft:
    row = session().execute(query, {"account": account_id, "draft": draft_id}).one_or_none()
    if row is None:
        raise NotFound
    return _draft(row)


def _draft(row: Row[*tuple[Any, ...]]) -> Draft:
    return Draft(**row._mapping)
