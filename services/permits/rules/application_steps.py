"""The questions of an application, their order, and which of them is still open. Pure.

A renewal, another vehicle and another address ask some of the same questions again, about a permit that is there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from services.permits.rules.proofs import Purpose

Answers = Mapping[str, Mapping[str, Any]]
"""What a draft holds: by step, JSON values. Under `OF` stands the permit that is renewed or changed, and its kind."""
OF: Final = "of"
NOT_LISTED: Final = "not_listed"
"""What is chosen for a home that is not among those that were found."""


class Journey(StrEnum):
    """What is asked for. The value names the draft."""

    FIRST = "permit"
    RENEWAL = "renewal"
    VEHICLE = "vehicle"
    ADDRESS = "address"


class Step(StrEnum):
    """One page. The value is the last part of its address; documents have pages of their own."""

    KIND = "kind"
    BUSINESS = "business"
    POSTCODE = "postcode"
    HOME = "home"
    TYPED = "typed"
    REGISTRATION = "registration"
    VEHICLE = "vehicle"
    KEEPER = "keeper"
    MARKS = "reductions"
    START = "start"
    LENGTH = "length"
    ADDRESS_PROOF = "address_proof"
    VEHICLE_PROOF = "vehicle_proof"
    CARER_PROOF = "carer_proof"
    BUSINESS_PROOF = "business_proof"
    REDUCTION_PROOF = "reduction_proof"
    CHECK = "check"


PROVES: Final[Mapping[Step, Purpose]] = {
    Step.ADDRESS_PROOF: "address",
    Step.VEHICLE_PROOF: "vehicle",
    Step.CARER_PROOF: "carer",
    Step.BUSINESS_PROOF: "business",
    Step.REDUCTION_PROOF: "reduction",
}
"""Steps that are answered by documents, and what those are there to prove."""
QUESTIONS: Final = tuple(step for step in Step if step not in PROVES)
_OF_KIND: Final = frozenset({Step.MARKS, Step.LENGTH})
"""Answers that another kind of permit undoes: it has other prices."""
_LIVED_AT: Final = frozenset({"resident", "visitor", "temporary"})
"""Kinds for which one lives at the address."""
_WITH_PAPERS: Final = frozenset({"resident", "carer", "business"})
"""Kinds for which it counts whose the vehicle is."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Where somebody is: what they want, what they answered, the day on which they look at it, and what the documents
    prove that they added."""

    journey: Journey
    answers: Answers
    today: date
    sent: frozenset[str] = field(default=frozenset())

    @property
    def kind(self) -> str:
        """The kind of permit; empty before it was chosen."""
        return str(self.answers.get(OF, {}).get("kind") or self.answers.get(Step.KIND, {}).get("kind", ""))


def path(asking: Asking) -> tuple[Step, ...]:
    """The pages for these answers, in order."""
    return (*_questions(asking), *proofs_needed(asking), Step.CHECK)


def asks_records(asking: Asking) -> bool:
    """Whether it counts what the council's records say of where somebody lives: asking them takes its time."""
    return asking.kind in _LIVED_AT and asking.journey is not Journey.VEHICLE


def proofs_needed(asking: Asking) -> tuple[Step, ...]:
    """What must be shown by documents, because no record of ours shows it."""
    needed = {
        Step.ADDRESS_PROOF: _needs_address(asking),
        Step.VEHICLE_PROOF: _needs_vehicle_papers(asking),
        Step.CARER_PROOF: asking.journey is Journey.FIRST and asking.kind == "carer",
        Step.BUSINESS_PROOF: asking.journey is Journey.FIRST
        and asking.kind == "business"
        and not asking.answers.get(Step.BUSINESS, {}).get("open", False),
        Step.REDUCTION_PROOF: bool(marks_said(asking)),
    }
    return tuple(step for step, is_needed in needed.items() if is_needed)


def marks_said(asking: Asking) -> frozenset[str]:
    """What makes it cheaper, as they say; nothing where it was answered for another kind of permit."""
    said = asking.answers.get(Step.MARKS, {})
    if asking.journey is not Journey.FIRST or said.get("kind") != asking.kind:
        return frozenset()
    return frozenset(said.get("marks", ()))


def is_answered(step: Step, asking: Asking) -> bool:
    """Whether the step has an answer that still stands beside the others."""
    if step in PROVES:
        return PROVES[step] in asking.sent
    answers = asking.answers
    if step not in answers:
        return False
    if step is Step.HOME:
        return find_home(answers) is not None or answers[step].get("home") == NOT_LISTED
    if step is Step.VEHICLE:
        return bool(answers[step]["registration"] == answers.get(Step.REGISTRATION, {}).get("registration"))
    if step is Step.START:  # an answer may have lain for weeks
        return date.fromisoformat(answers[step]["day"]) >= asking.today
    return step not in _OF_KIND or answers[step].get("kind") == asking.kind


def first_missing(asking: Asking) -> Step:
    """The first page without an answer; check when all have one."""
    return next(step for step in path(asking) if step is Step.CHECK or not is_answered(step, asking))


def may_open(step: Step, asking: Asking) -> bool:
    """Whether everything before this page is answered."""
    steps = path(asking)
    return step in steps and steps.index(step) <= steps.index(first_missing(asking))


def step_after(step: Step, asking: Asking) -> Step:
    """Where Continue leads: to the first open page, so that Change comes straight back to check.

    Only a postcode always leads to its homes, and a registration to its vehicle.
    """
    leads = {Step.POSTCODE: Step.HOME, Step.REGISTRATION: Step.VEHICLE}
    return leads.get(step) or first_missing(asking)


def step_before(step: Step, asking: Asking) -> Step | None:
    """Where Back leads: from a changed answer back to check. None before the first page."""
    if step is not Step.CHECK and first_missing(asking) is Step.CHECK:
        return Step.CHECK
    steps = path(asking)
    at = steps.index(step) if step in steps else 0
    return steps[at - 1] if at else None


def find_home(answers: Answers) -> Mapping[str, Any] | None:  # an address as a draft keeps it
    """The chosen home, among those that were found for the postcode."""
    chosen = answers.get(Step.HOME, {}).get("home")
    found: list[Mapping[str, Any]] = answers.get(Step.POSTCODE, {}).get("found", [])
    return next((home for home in found if home["uprn"] == chosen), None)


def _questions(asking: Asking) -> Iterator[Step]:
    match asking.journey:
        case Journey.RENEWAL:
            yield Step.LENGTH
        case Journey.VEHICLE:
            yield from (Step.REGISTRATION, Step.VEHICLE)
            if asking.kind in _WITH_PAPERS:
                yield Step.KEEPER
        case Journey.ADDRESS:
            yield from (Step.POSTCODE, Step.HOME)
        case Journey.FIRST:
            yield from _first_questions(asking)


def _first_questions(asking: Asking) -> Iterator[Step]:
    yield Step.KIND
    if asking.kind == "business":
        yield Step.BUSINESS
    else:
        yield from (Step.POSTCODE, Step.HOME)
        if asking.answers.get(Step.HOME, {}).get("home") == NOT_LISTED:
            yield Step.TYPED
    if asking.kind != "visitor":
        yield from (Step.REGISTRATION, Step.VEHICLE)
    if asking.kind in _WITH_PAPERS:
        yield Step.KEEPER
    if asking.answers.get(Step.KIND, {}).get("asks_marks"):
        yield Step.MARKS
    yield Step.START
    if asking.kind != "visitor":
        yield Step.LENGTH


def _needs_address(asking: Asking) -> bool:
    if asking.journey is Journey.VEHICLE or asking.kind not in _LIVED_AT:
        return False
    if asking.journey is Journey.RENEWAL:
        return not asking.answers.get(OF, {}).get("proven", True)
    return not asking.answers.get(Step.HOME, {}).get("proven", False)


def _needs_vehicle_papers(asking: Asking) -> bool:
    if asking.journey in (Journey.RENEWAL, Journey.ADDRESS) or asking.kind not in _WITH_PAPERS:
        return False
    known = asking.answers.get(Step.VEHICLE, {}).get("facts", {}).get("source", "dvla") == "dvla"
    return not known or asking.answers.get(Step.KEEPER, {}).get("keeper") in ("employer", "hired")
