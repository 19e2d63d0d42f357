"""What has just ended of what lowers a bill, and what is due to be looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from services.council_tax.backoffice.values import Account, Adjustment
from services.council_tax.queries.claims import ENDS_BY_US

LATELY: Final = timedelta(days=30)
"""What is longer ago is old news: somebody who joins an account today is not told of last year's discount."""
_LONGEST_ID: Final = 60


@dataclass(frozen=True, slots=True)
class End:
    """Something to tell. `key` names it among all that this person is told."""

    letter: Literal["lower_ended", "lower_review"]
    key: str


def ends_of(account: Account, today: date) -> Sequence[End]:
    """What lowers the bill and ended by the end of yesterday, or is to be reviewed by today."""
    ends = []
    for one in account.adjustments:
        if one.kind in ENDS_BY_US:
            continue
        if one.until_on is not None:
            if today - LATELY <= one.until_on < today:
                ends.append(End("lower_ended", _key(account, one, one.until_on)))
        elif one.review_on is not None and today - LATELY <= one.review_on <= today:
            ends.append(End("lower_review", _key(account, one, one.review_on)))
    return ends


def _key(account: Account, one: Adjustment, on: date) -> str:
    return f"{account.reference}:{one.id[:_LONGEST_ID]}:{on.isoformat()}"
