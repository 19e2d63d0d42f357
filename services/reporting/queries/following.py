"""Who follows a report, and whose it is, for what its public page offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select, tuple_

from portal.kit import Account, session
from services.reporting.models.following import Follower
from services.reporting.models.reports import Report
from services.reporting.rules.wanted import Mark

_TO_THEM = select(
    exists().where(Report.id == bindparam("report"), Report.account_id == bindparam("account")).label("is_theirs"),
    exists()
    .where(Follower.report_id == bindparam("report"), Follower.account_id == bindparam("account"))
    .label("follows"),
)
_OWN_HIDDEN = select(Report.reference).where(
    Report.reference == bindparam("reference"), Report.account_id == bindparam("account")
)

_FOLLOWED = (
    select(Follower.id, Follower.created_at, Report.reference, Report.category)
    .join(Report, Report.id == Follower.report_id)
    .where(Follower.account_id == bindparam("account"))
    .order_by(Follower.created_at.desc(), Follower.id.desc())
    .limit(bindparam("most"))
)
_FOLLOWED_BEFORE = _FOLLOWED.where(tuple_(Follower.created_at, Follower.id) < tuple_(bindparam("at"), bindparam("id")))
_FOLLOWS_ANY = select(exists().where(Follower.account_id == bindparam("account")))

_JOINED = select(func.count()).where(Report.merged_into_id == bindparam("report")).scalar_subquery()
_FOLLOWING = (
    select(func.count())
    .where(Follower.report_id == bindparam("report"), Follower.confirmed_at.is_not(None))
    .scalar_subquery()
)
_HOW_MANY = select(_JOINED, _FOLLOWING)


@dataclass(frozen=True, slots=True)
class Interest:
    """How many other reports told of the same and were merged into this one, and how many people follow it."""

    joined: int
    following: int


@dataclass(frozen=True, slots=True)
class Followed:
    """A report that a resident follows, whether or not everybody sees it at the moment; `id` names the wish."""

    id: UUID
    since: datetime
    reference: str
    category: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a report is to whoever looks at it."""

    is_theirs: bool = False
    follows: bool = False


def standing_to(account: Account | None, report_id: UUID) -> Standing:
    """What the report is to this resident, or to somebody who is not signed in."""
    if account is None:
        return Standing()
    row = session().execute(_TO_THEM, {"report": report_id, "account": account.id}).one()
    return Standing(row.is_theirs, row.follows)


def interest_in(report_id: UUID) -> Interest:
    """How many care about the report. One query, by two indexes."""
    return Interest(*session().execute(_HOW_MANY, {"report": report_id}).one())


def is_own(account: Account, reference: str) -> bool:
    """Whether the report with that reference, as printed, is theirs, also where nobody else sees it."""
    return session().execute(_OWN_HIDDEN, {"reference": reference, "account": account.id}).one_or_none() is not None


def followed_by(account: Account, *, most: int, before: Mark | None = None) -> tuple[Sequence[Followed], Mark | None]:
    """The reports that a resident follows, the last followed first, and the mark where the next page begins, if any."""
    values = {"account": account.id, "most": most + 1}
    if before is None:
        rows = session().execute(_FOLLOWED, values).all()
    else:
        rows = session().execute(_FOLLOWED_BEFORE, {**values, "at": before.at, "id": before.id}).all()
    found = [Followed(*row) for row in rows[:most]]
    return found, Mark(found[-1].since, found[-1].id) if len(rows) > most else None


def follows_any(account: Account) -> bool:
    """Whether a resident follows any report."""
    return bool(session().scalar(_FOLLOWS_ANY, {"account": account.id}))
