"""Merge a duplicate into the case that is worked on."""

import uuid
from collections.abc import Sequence

from portal.cases.values import Case, Channel


def merge_case(
    case_id: uuid.UUID,
    *,
    into: uuid.UUID,
    actor: str,
    reason: str = "",
    channel: Channel = "desk",
    expected_version: int | None = None,
) -> Case:
    """The duplicate, closed and pointing to the case `into`. `reason` is for the duplicate's resident.

    Raises NotFound, ChangedMeanwhile, Refused when its type has no status for duplicates, it is closed, or `into` is
    the case itself, of another service, closed, or itself a duplicate.
    """
    raise NotImplementedError


def speaks_on(case: Case) -> uuid.UUID:
    """The case on which messages about `case` are written: that which it was merged into, where both are one
    resident's; else the case itself, because another resident's is not theirs to write on.
    """
    raise NotImplementedError


def absorbed_into(case_id: uuid.UUID) -> Sequence[Case]:
    """The duplicates that point to a case, oldest first, for staff. They may be other residents'."""
    raise NotImplementedError
