"""What every kind of change is made of: a look at what stands against it, and the act itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from services.council_tax.backoffice.changes import Change

OFFICER: Final = "officer"
"""A look that found nothing against it, but somebody has to decide."""
OCCUPIED: Final = "occupied"
"""A look that found somebody else's account in the way: it waits with an officer until that has ended, and no
acceptance ends it, for whose account it is was not heard."""
FARTHEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Ask:
    """A change as it is asked for. `row` is the locked account, None for who has none yet."""

    db: Connection
    row: Row[Any] | None  # a row of a table, whose columns SQLAlchemy's Core does not type
    person_id: str
    change: Change
    today: date
    now: datetime

    @property
    def account(self) -> Row[Any]:  # as above
        """The account, which all but those who move in have."""
        assert self.row is not None, "no change but a move needs no account"
        return self.row

    def wrong_day(self, on: date) -> str:
        """Why a day cannot be: a code, or nothing."""
        if self.row is not None and on < self.row.opened_on:
            return "before_account"
        return "too_far_ahead" if on > self.today + FARTHEST else ""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    effective_on: date
    bill_id: str = ""
    reference: str = ""
    person_id: str | None = None
    """Whose it is, where that is not who asked: nobody of the portal's, if empty."""


@dataclass(frozen=True, slots=True)
class Act:
    """`look` gives a code of the reason against it, OFFICER, or nothing; `do` does it."""

    look: Callable[[Ask], str]
    do: Callable[[Ask], Done]
