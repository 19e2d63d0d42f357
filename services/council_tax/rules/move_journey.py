"""The questions of the three journeys of moving home, their order, and which of them is still open."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

from services.council_tax.rules.move_checks import too_far_apart

Answers = Mapping[str, Mapping[str, Any]]
"""What a draft holds: by step, JSON values. Under `BEGAN` stands what the account was like when they began."""
BEGAN: Final = "began"


class Journey(StrEnum):
    """Which move. The value is the last part of its address."""

    IN = "in"
    OUT = "out"
    WITHIN = "within"


class Step(StrEnum):
    """One question page. The value is the last part of its address."""

    WHO = "who"
    LEFT = "left"
    POSTCODE = "postcode"
    ADDRESS = "address"
    DAY = "day"
    NAMES = "names"
    ADULTS = "adults"
    TENURE = "tenure"
    FORWARDING = "forwarding"
    CHECK = "check"


_NEW_HOME: Final = (Step.POSTCODE, Step.ADDRESS, Step.DAY, Step.NAMES, Step.ADULTS, Step.TENURE)
STEPS: Final[Mapping[Journey, tuple[Step, ...]]] = {
    Journey.IN: (*_NEW_HOME, Step.CHECK),
    Journey.OUT: (Step.WHO, Step.LEFT, Step.FORWARDING, Step.CHECK),
    Journey.WITHIN: (Step.WHO, Step.LEFT, *_NEW_HOME, Step.CHECK),
}


def path(journey: Journey, answers: Answers) -> tuple[Step, ...]:
    """The questions for these answers, in order. Who is alone on the account is not asked who moves."""
    alone = not answers.get(BEGAN, {}).get("joint", True)
    return tuple(step for step in STEPS[journey] if not (alone and step is Step.WHO))


def is_answered(step: Step, answers: Answers) -> bool:
    """Whether the step has an answer that still stands beside the others.

    A new postcode undoes an address of the one before, more names a number of adults that they exceed, and another
    day of leaving a day of moving in that is too far from it.
    """
    if step not in answers:
        return False
    match step:
        case Step.ADDRESS:
            return find_home(answers) is not None
        case Step.ADULTS:
            return bool(answers[step]["adults"] >= len(answers.get(Step.NAMES, {}).get("names", ())))
        case Step.DAY if Step.LEFT in answers:
            return not too_far_apart(day_of(Step.LEFT, answers), day_of(step, answers))
    return True


def first_missing(journey: Journey, answers: Answers) -> Step:
    """The first question without an answer; check when all have one."""
    return next(step for step in path(journey, answers) if step is Step.CHECK or not is_answered(step, answers))


def may_open(journey: Journey, step: Step, answers: Answers) -> bool:
    """Whether all questions before this one are answered."""
    steps = path(journey, answers)
    return step in steps and steps.index(step) <= steps.index(first_missing(journey, answers))


def step_after(journey: Journey, step: Step, answers: Answers) -> Step:
    """Where Continue leads: to the first open question, so that Change comes straight back to check.

    Only a postcode always leads to the homes that were found.
    """
    return Step.ADDRESS if step is Step.POSTCODE else first_missing(journey, answers)


def step_before(journey: Journey, step: Step, answers: Answers) -> Step | None:
    """Where Back leads: from a changed answer back to check. None before the first question."""
    if step is not Step.CHECK and first_missing(journey, answers) is Step.CHECK:
        return Step.CHECK
    steps = path(journey, answers)
    at = steps.index(step)
    return steps[at - 1] if at else None


def find_home(answers: Answers) -> Mapping[str, Any] | None:  # uprn, label and band, as a draft keeps them
    """The chosen home, among those that were found for the postcode."""
    chosen = answers.get(Step.ADDRESS, {}).get("address")
    found: list[Mapping[str, Any]] = answers.get(Step.POSTCODE, {}).get("found", [])
    return next((home for home in found if home["uprn"] == chosen), None)


def day_of(step: Step, answers: Answers) -> date:
    """The day that was answered. Raises KeyError without one."""
    return date.fromisoformat(answers[step]["day"])


def everybody(answers: Answers) -> bool:
    """Whether all who are on the account move. Who is alone on it is everybody."""
    return bool(answers.get(Step.WHO, {}).get("who", "everybody") == "everybody")
