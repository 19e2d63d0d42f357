"""Have those who wait for news of a duplicate hear of the report that stays instead: each once.

Links in letters that were sent before go on working, so the row of an e-mail address that follows both stays with the
duplicate beside the one that is told.
"""

from contextlib import suppress
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from portal.kit import NotFound, clock, get_account, is_unclaimed, session
from services.reporting.models.following import Follower
from services.reporting.models.guests import Guest
from services.reporting.models.reports import Report

UNSEEN: Final = {"synchronize_session": False}
_OTHER = aliased(Follower)
_SAME_READER = or_(Follower.account_id == _OTHER.account_id, Follower.email == _OTHER.email)
_DUPLICATE, _INTO = bindparam("duplicate", type_=Report.id.type), bindparam("into", type_=Report.id.type)

# Of reports that were merged into the duplicate before, the ledger changes no status, so it tells us of none.
_LEAD_ON = update(Report).where(Report.merged_into_id == _DUPLICATE).values(merged_into_id=_INTO)
_FOLLOW_BOTH = (
    update(Follower)
    .where(Follower.report_id == _INTO, _OTHER.report_id == _DUPLICATE, _OTHER.confirmed_at.is_not(None), _SAME_READER)
    .values(joined_from_id=_DUPLICATE, confirmed_at=_OTHER.confirmed_at)
)
_MOVE = (
    update(Follower)
    .where(Follower.report_id == _DUPLICATE, ~exists().where(_OTHER.report_id == _INTO, _SAME_READER))
    .values(report_id=_INTO, joined_from_id=_DUPLICATE)
)
_LEFT_BEHIND = delete(Follower).where(Follower.report_id == _DUPLICATE, Follower.account_id.is_not(None))
_OWN = delete(Follower).where(Follower.report_id == _INTO, Follower.account_id == bindparam("owner"))
_ONCE = insert(Follower).on_conflict_do_nothing()
_GUESTS = select(exists().where(Guest.draft_id == bindparam("report"), Guest.email.is_not(None)))
_OF_THEM = (
    select(Report.id, Report.account_id, Report.merged_into_id)
    .where(Report.account_id == bindparam("account"), Report.merged_into_id.is_not(None))
    .order_by(Report.created_at, Report.id)
)


def join(duplicate: Report, into: Report) -> None:
    """Move the followers of the duplicate to the report that stays, and have its reporter follow that.

    Called in the transaction that merges them, once the duplicate says so: a row that somebody adds in the same moment
    waits for that, and is added to the report that stays.
    """
    both = {"duplicate": duplicate.id, "into": into.id}
    for statement in (_LEAD_ON, _FOLLOW_BOTH, _MOVE, _LEFT_BEHIND):
        session().execute(statement, both, execution_options=UNSEEN)
    if duplicate.account_id is not None and not _hears_by_letter(duplicate.id, duplicate.account_id):
        _have_follow(duplicate.account_id, into.id, joined_from=duplicate.id)
    if into.account_id is not None:  # whoever reported it hears of it without following
        session().execute(_OWN, {"into": into.id, "owner": into.account_id}, execution_options=UNSEEN)


def follow_what_stays(account_id: UUID) -> None:
    """Have a resident follow what their reports were merged into: they have claimed what they sent as a guest."""
    for row in session().execute(_OF_THEM, {"account": account_id}).all():
        if session().get_one(Report, row.merged_into_id).account_id != account_id:
            _have_follow(account_id, row.merged_into_id, joined_from=row.id)


def _hears_by_letter(report_id: UUID, account_id: UUID) -> bool:
    """Whether it is a guest's, who follows what they sent by e-mail."""
    return bool(session().scalar(_GUESTS, {"report": report_id})) and is_unclaimed(account_id)


def _have_follow(account_id: UUID, report_id: UUID, *, joined_from: UUID) -> None:
    now = clock.now()
    with suppress(NotFound):  # the account was closed meanwhile
        row = {
            "id": uuid4(),
            "report_id": report_id,
            "account_id": account_id,
            "language": get_account(account_id).language,
            "created_at": now,
            "confirmed_at": now,
            "joined_from_id": joined_from,
        }
        session().execute(_ONCE, row)
