"""The order of the questions, and which of them a resident has still to answer."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from services.reporting.rules.places import Place, Point, place_at

Answers = Mapping[str, Mapping[str, Any]]
"""What a draft holds: by step, what its page was answered with, as JSON values under the names of the form's fields."""


class Step(StrEnum):
    """One question page. The value is the last part of its address and the name of its endpoint."""

    KIND = "kind"
    WHERE = "where"
    POSTCODE = "postcode"
    ADDRESS = "address"
    STREET = "street"
    COORDINATES = "coordinates"
    DESCRIPTION = "description"
    PHOTO = "photo"
    CHECK = "check"


class Way(StrEnum):
    """How a resident can say where the problem is."""

    ADDRESS = "address"
    STREET = "street"
    COORDINATES = "coordinates"


STEPS_OF: Mapping[str | None, tuple[Step, ...]] = {
    Way.ADDRESS: (Step.POSTCODE, Step.ADDRESS),
    Way.STREET: (Step.STREET,),
    Way.COORDINATES: (Step.COORDINATES,),
}


def path(answers: Answers) -> tuple[Step, ...]:
    """The questions for these answers, in order, with check at the end."""
    where = STEPS_OF.get(answers.get(Step.WHERE, {}).get("where"), ())
    return (Step.KIND, Step.WHERE, *where, Step.DESCRIPTION, Step.PHOTO, Step.CHECK)


def is_answered(step: Step, answers: Answers) -> bool:
    """Whether the step has an answer that still stands. A new postcode undoes an address of the one before."""
    if step is Step.ADDRESS:
        return find_address(answers) is not None
    return step in answers


def find_address(answers: Answers) -> Mapping[str, Any] | None:
    """The chosen address, among those that were found for the postcode."""
    chosen = answers.get(Step.ADDRESS, {}).get("address")
    found: list[Mapping[str, Any]] = answers.get(Step.POSTCODE, {}).get("found", [])
    return next((address for address in found if address["uprn"] == chosen), None)


def first_missing(answers: Answers) -> Step:
    """The first question without an answer; check when all have one."""
    return next(step for step in path(answers) if step is Step.CHECK or not is_answered(step, answers))


def may_open(step: Step, answers: Answers) -> bool:
    """Whether all questions before this one are answered. A question of another way of saying where is not open."""
    steps = path(answers)
    return step in steps and steps.index(step) <= steps.index(first_missing(answers))


def place_step(answers: Answers) -> Step:
    """The page on which the place itself was said, which Change leads to."""
    steps = path(answers)
    return steps[steps.index(Step.DESCRIPTION) - 1]


def step_after(step: Step, answers: Answers) -> Step:
    """Where Continue leads.

    To the first question that is still open, so that Change comes straight back to check. Only the two pages whose
    answer is itself a way on (which way, which postcode) lead to that page, even if it was answered before.
    """
    if step in (Step.WHERE, Step.POSTCODE):
        steps = path(answers)
        return steps[steps.index(step) + 1]
    return first_missing(answers)


def step_before(step: Step, answers: Answers) -> Step | None:
    """Where Back leads: from a changed answer back to check. None before the first question."""
    if step is not Step.CHECK and first_missing(answers) is Step.CHECK:
        return Step.CHECK
    steps = path(answers)
    at = steps.index(step)
    return steps[at - 1] if at else None


def place_of(answers: Answers) -> Place:
    """The place that complete answers name."""
    match answers[Step.WHERE]["where"]:
        case Way.ADDRESS:
            address = find_address(answers)
            assert address is not None, "asked before the address was answered"
            return Place(address["label"], Point(address["lat"], address["lon"]), address["uprn"])
        case Way.COORDINATES:
            return place_at(Point(**answers[Step.COORDINATES]))
        case _:
            street = answers[Step.STREET]
            return Place(f"{street['street']}: {street['whereabouts']}")
