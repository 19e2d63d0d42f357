"""The order of the questions about a Direct Debit, and which of them is still open."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final


class Step(StrEnum):
    """One question page. The value is the last part of its address."""

    AUTHORITY = "authority"
    PAYER = "payer"
    SORT_CODE = "sort-code"
    ACCOUNT_NUMBER = "account-number"
    DAY = "day"
    CHECK = "check"


ORDER: Final = tuple(Step)


def first_missing(answered: Collection[str]) -> Step:
    """The first question without an answer; check when all have one."""
    return next(step for step in ORDER if step is Step.CHECK or step not in answered)


def may_open(step: Step, answered: Collection[str]) -> bool:
    """Whether all questions before this one are answered."""
    return ORDER.index(step) <= ORDER.index(first_missing(answered))


def step_before(step: Step, answered: Collection[str]) -> Step | None:
    """Where Back leads: from a changed answer back to check. None before the first question."""
    if step is not Step.CHECK and first_missing(answered) is Step.CHECK:
        return Step.CHECK
    at = ORDER.index(step)
    return ORDER[at - 1] if at else None
