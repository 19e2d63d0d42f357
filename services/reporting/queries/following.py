"""Who follows a report, and whose it is, for what its public page offers."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select

from portal.kit import Account, session
from services.reporting.models.following import Follower
from services.reporting.models.reports import Report

_TO_THEM = select(
    exists().where(Report.id == bindparam("report"), Report.account_id == bindparam("account")).label("is_theirs"),
    exists()
    .where(Follower.report_id == bindparam("report"), Follower.account_id == bindparam("account"))
    .label("follows"),
)
_OWN_HIDDEN = select(Report.reference).where(
    Report.reference == bindparam("reference"), Report.account_id == bindparam("account")
)

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
