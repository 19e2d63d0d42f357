"""What the resident can still do when the council has finished: say what they thought of it, and reopen it."""

import uuid

from portal.accounts.values import Account
from portal.cases.values import Case, Channel

LONGEST_RATING_WORDS = 1000


def reopen_case(
    account: Account, case_id: uuid.UUID, *, reason: str, channel: Channel = "web", expected_version: int | None = None
) -> Case:
    """The resident's own closed case, open again with a new promise. A case that is open already stays as it is.

    Raises NotFound, ChangedMeanwhile, Refused without a reason, when the days for it are over or its type has none.
    """
    raise NotImplementedError


def rate_case(account: Account, case_id: uuid.UUID, *, rating: int, words: str = "", channel: Channel = "web") -> Case:
    """The resident's own closed case with what they thought of it, from 1 to 5, which they can say once.

    The same rating again changes nothing. Raises NotFound, Refused when it is open, its type is not rated, or it was
    rated otherwise.
    """
    raise NotImplementedError
