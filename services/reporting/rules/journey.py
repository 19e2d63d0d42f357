"""The order of the questions, and which of them somebody has still to answer.

What follows from an answer (whether the category asks questions of its own, whether it is a danger, whether the same
was reported near by) is worked out when it is given and kept beside it, so that the order follows from the draft alone.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from services.reporting.rules.places import Place, Point

Answers = Mapping[str, Mapping[str, Any]]
"""What a draft holds: by step, what its page was answered with, as JSON values under the names of the form's fields."""


class Step(StrEnum):
    """One question page. The value is the last part of its address and the name of its endpoint."""

    DESCRIPTION = "description"
    KIND = "kind"
    PICK = "pick"
    URGENT = "urgent"
    QUESTIONS = "questions"
    WHERE = "where"
    POSTCODE = "postcode"
    ADDRESS = "address"
    STREET = "street"
    WHICH = "which"
    MAP = "map"
    COORDINATES = "coordinates"
    ASSET = "asset"
    NEARBY = "nearby"
    PHOTO = "photo"
    PRIVATE = "private"
    CONTACT = "contact"
    CHECK = "check"


class Way(StrEnum):
    """How somebody can say where the problem is."""

    ADDRESS = "address"
    STREET = "street"
    MAP = "map"
    COORDINATES = "coordinates"
    ASSET = "asset"


STEPS_OF: Final[Mapping[str | None, tuple[Step, ...]]] = {
    Way.ADDRESS: (Step.POSTCODE, Step.ADDRESS),
    Way.STREET: (Step.STREET,),
    Way.MAP: (Step.MAP,),
    Way.COORDINATES: (Step.COORDINATES,),
    Way.ASSET: (Step.ASSET,),
}
NONE_OF_THESE: Final = "none"


def path(answers: Answers) -> tuple[Step, ...]:
    """The questions for these answers, in order, with check at the end. Whether it is private is asked only of who
    wants to change it.
    """
    kind, danger = answers.get(Step.KIND, {}), answers.get(Step.URGENT, {}).get("danger")
    steps = [Step.DESCRIPTION, Step.KIND]
    steps += [Step.PICK] if kind.get("group") else []
    steps += [Step.URGENT] if danger == "words" else []
    steps += [Step.QUESTIONS] if kind.get("asks") else []
    steps += [Step.URGENT] if danger == "answers" else []
    steps += [Step.WHERE, *_place_steps(answers)]
    steps += [Step.NEARBY] if answers.get(Step.NEARBY, {}).get("found") else []
    steps += [Step.PHOTO]
    steps += [Step.CONTACT] if Step.CONTACT in answers else []
    return (*steps, Step.CHECK)


def is_answered(step: Step, answers: Answers) -> bool:
    """Whether the step has an answer that still stands.

    A new postcode undoes an address of the one before, and another category what the first one asked.
    """
    given = answers.get(step, {})
    match step:
        case Step.ADDRESS:
            return find_address(answers) is not None
        case Step.KIND:
            return bool(given.get("kind") or given.get("group"))
        case Step.PICK:
            return bool(answers.get(Step.KIND, {}).get("kind"))
        case Step.QUESTIONS:
            return given.get("of") == answers.get(Step.KIND, {}).get("kind")
        case Step.WHERE:
            return step in answers and (given.get("where") != Way.ASSET or bool(_layer(answers)))
        case Step.ASSET:
            return bool(given) and given.get("layer") == _layer(answers)
        case Step.WHICH:
            return find_street(answers) is not None
        case Step.URGENT:
            return bool(given.get("told"))
        case Step.NEARBY:
            return bool(given.get("choice"))
        case Step.CONTACT:
            return bool(given.get("email"))
        case _:
            return step in answers


def find_address(answers: Answers) -> Mapping[str, Any] | None:
    """The chosen address, among those that were found for the postcode."""
    chosen = answers.get(Step.ADDRESS, {}).get("address")
    found: list[Mapping[str, Any]] = answers.get(Step.POSTCODE, {}).get("found", [])
    return next((address for address in found if address["uprn"] == chosen), None)


def find_street(answers: Answers) -> Mapping[str, Any] | None:
    """What stands for the street: the chosen one of those that may be meant, or the words where it was none of them."""
    street = answers.get(Step.STREET, {})
    chosen = answers.get(Step.WHICH, {}).get("which")
    if chosen == NONE_OF_THESE:
        return street.get("place") if answers[Step.WHICH].get("of") == street.get("street") else None
    meant: list[Mapping[str, Any]] = street.get("meant", [])
    return next((each["place"] for each in meant if each["usrn"] == chosen), None)


def first_missing(answers: Answers) -> Step:
    """The first question without an answer; check when all have one."""
    return next(step for step in path(answers) if step is Step.CHECK or not is_answered(step, answers))


def may_open(step: Step, answers: Answers) -> bool:
    """Whether all questions before this one are answered. A question of another way of saying where is not open."""
    steps, missing = path(answers), first_missing(answers)
    if step is Step.PRIVATE:
        return missing is Step.CHECK
    return step in steps and steps.index(step) <= steps.index(missing)


def place_step(answers: Answers) -> Step:
    """The page on which the place itself was said, which Change leads to."""
    return _place_steps(answers)[-1]


def step_after(step: Step, answers: Answers) -> Step:
    """Where Continue leads.

    To the first question that is still open, so that Change comes straight back to check; but from a page whose answer
    is itself a way on to the page that it leads to.
    """
    steps = path(answers)
    if step is Step.KIND and Step.PICK in steps:
        return Step.PICK
    if step in (Step.WHERE, Step.POSTCODE) or (step is Step.STREET and Step.WHICH in steps):
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
    step = place_step(answers)
    if step is Step.ADDRESS:
        address = find_address(answers)
        assert address is not None, "asked before the address was answered"
        return Place(address["label"], Point(address["lat"], address["lon"]), address["uprn"])
    kept = find_street(answers) if step is Step.WHICH else answers[step]["place"]
    assert kept is not None, "asked before the street was answered"
    return read_place(kept)


def kept_place(place: Place) -> dict[str, Any]:
    """A place as a draft keeps it."""
    point = place.point
    kept = {"text": place.text, "uprn": place.uprn, "usrn": place.usrn, "asset": place.asset}
    return kept | {"lat": point.lat if point else None, "lon": point.lon if point else None}


def read_place(kept: Mapping[str, Any]) -> Place:
    """A place out of a draft."""
    point = None if kept["lat"] is None else Point(kept["lat"], kept["lon"])
    return Place(kept["text"], point, kept["uprn"], kept["usrn"], kept["asset"])


def _layer(answers: Answers) -> str:
    """The layer of the chosen category, on which its things bear numbers; empty for none."""
    layer: str = answers.get(Step.KIND, {}).get("layer") or ""
    return layer


def _place_steps(answers: Answers) -> tuple[Step, ...]:
    """The pages of the chosen way of saying where. A street of which there are several asks which."""
    steps = STEPS_OF.get(answers.get(Step.WHERE, {}).get("where"), ())
    return (*steps, Step.WHICH) if steps == (Step.STREET,) and answers.get(Step.STREET, {}).get("meant") else steps
