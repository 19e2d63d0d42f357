"""Tell those who follow a report, and whoever reported it, what everybody can now read on it: once. Of one that
is not public nobody hears but a guest who reported it.

A portion of followers is one transaction. A job that is cut off after its portion and done again finds the update told,
or, in a later portion of very many followers by e-mail, would rather write twice. With an account nobody hears twice.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, select, update
from sqlalchemy.orm import aliased

from portal.kit import NotFound, case_path, clock, get_account, job, letter_token, session, tell, write_to
from services.reporting.models.following import Follower, Update
from services.reporting.models.reports import Report
from services.reporting.operations.guest_talk import tell_guest_of_move
from services.reporting.queries.public import IS_PUBLIC
from services.reporting.rules.categories import title_of
from services.reporting.workflow import status_called

FOLLOWED: Final = "reporting/mail/followed.txt"
SAID: Final = "reporting/mail/said.txt"
FOLLOWING: Final = "/services/reporting/following/"
PURPOSE: Final = "reporting.follow"
PORTION: Final = 200
NOT_TOLD_FOR: Final = timedelta(minutes=2)

_TAKE = (
    update(Update)
    .where(Update.id == bindparam("taken"), Update.told_at.is_(None), Update.moderation == "shown")
    .values(told_at=bindparam("now"))
    .returning(Update.id)
    .execution_options(synchronize_session=False)
)
_STAYS = aliased(Report)
_WHAT = (
    select(
        Update.id,
        Update.report_id,
        Update.said_by,
        Update.status,
        Update.account_id.label("author_id"),
        Update.follower_id,
        Report.case_id,
        Report.reference,
        Report.category,
        Report.account_id.label("owner_id"),
        Report.merged_into_id,
        _STAYS.reference.label("stays"),
    )
    .join(Report, Report.id == Update.report_id)
    .outerjoin(
        _STAYS,
        and_(_STAYS.id == Report.merged_into_id, _STAYS.private.is_(False), _STAYS.moderation != "hidden"),
    )
    .where(Update.id == bindparam("update"))
)
_SEEN_BY_ALL = select(Report.id).where(IS_PUBLIC, Report.id == bindparam("report"))
_FOLLOWERS = (
    select(Follower.id, Follower.account_id, Follower.email, Follower.language)
    .where(
        Follower.report_id == bindparam("report"),
        Follower.confirmed_at.is_not(None),
        Follower.id > bindparam("after"),
    )
    .order_by(Follower.id)
    .limit(PORTION)
)
# Who followed a report that was merged follows another now, and hears of this one what is still said of it.
_JOINED = (
    select(Follower.id, Follower.account_id, Follower.email, Follower.language)
    .where(
        Follower.joined_from_id == bindparam("report"),
        Follower.confirmed_at.is_not(None),
        Follower.id > bindparam("after"),
    )
    .order_by(Follower.id)
    .limit(PORTION)
)
_LEFT = (
    select(Update.id)
    .where(Update.told_at.is_(None), Update.moderation == "shown", Update.created_at < bindparam("before"))
    .order_by(Update.created_at, Update.id)
    .limit(PORTION)
)


@job("reporting.tell_update")
def tell_update(update_id: str) -> None:
    """Tell of an update that everybody can read. Does nothing when that was done, or while a moderator has to look."""
    if session().execute(_TAKE, {"taken": UUID(update_id), "now": clock.now()}).scalar_one_or_none() is None:
        return
    what = session().execute(_WHAT, {"update": UUID(update_id)}).one()
    _tell_owner(what)
    _tell_portion(what, UUID(int=0))


@job("reporting.tell_followers")
def tell_followers(update_id: str, after: str) -> None:
    """Tell the next portion of very many followers."""
    what = session().execute(_WHAT, {"update": UUID(update_id)}).one_or_none()
    if what is not None:
        _tell_portion(what, UUID(after))


@job("reporting.tell_left", cron="*/10 * * * *")
def tell_left() -> None:
    """Take up what moderators have let be seen since, and what came by the API or from back offices."""
    for update_id in session().scalars(_LEFT, {"before": clock.now() - NOT_TOLD_FOR}).all():
        tell_update.defer(update_id=str(update_id))


def _tell_portion(what: Row[*tuple[Any, ...]], after: UUID) -> None:
    if session().scalar(_SEEN_BY_ALL, {"report": what.report_id}) is None:
        if what.status:
            tell_guest_of_move(what.report_id)
        return
    whom = _JOINED if what.merged_into_id else _FOLLOWERS
    some = session().execute(whom, {"report": what.report_id, "after": after}).all()
    for follower in some:
        _tell_follower(what, follower)
    if len(some) == PORTION:
        tell_followers.defer(update_id=str(what.id), after=str(some[-1].id))


def _tell_follower(what: Row[*tuple[Any, ...]], follower: Row[*tuple[Any, ...]]) -> None:
    if follower.id == what.follower_id:  # who wrote it
        return
    joined = what.stays or ""
    values = {"reference": what.reference, "category": what.category, "status": what.status, "joined": joined}
    page = f"/services/reporting/problems/{joined or what.reference}"
    if follower.email is not None:
        stop = f"{FOLLOWING}{letter_token(PURPOSE, follower.id)}"
        words = {**values, "title": title_of, "standing": status_called, "stop": stop}
        write_to(follower.email, template=FOLLOWED, language=follower.language, path=page, **words)
    elif follower.account_id not in (what.author_id, what.owner_id):
        words = {**values, "title": title_of, "standing": status_called, "stop": page}
        _tell_account(follower.account_id, FOLLOWED, f"followed:{what.id}", page, words)


def _tell_owner(what: Row[*tuple[Any, ...]]) -> None:
    """Whoever reported it hears what others said. Of moves the portal tells them, or `office_news` does."""
    if what.owner_id is None or what.owner_id == what.author_id or what.status:
        return
    page = case_path(what.reference)
    if session().scalar(_SEEN_BY_ALL, {"report": what.report_id}) is not None:
        page = f"/services/reporting/problems/{what.reference}"
    _tell_account(what.owner_id, SAID, f"said:{what.id}", page, {"reference": what.reference})


def _tell_account(account_id: UUID, template: str, key: str, path: str, values: dict[str, Any]) -> None:
    with suppress(NotFound):  # the account was closed meanwhile
        tell(get_account(account_id), template=template, key=key, path=path, **values)
