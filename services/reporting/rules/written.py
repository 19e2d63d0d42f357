"""What a draft says once it is complete: what becomes of its answers, whatever pages asked for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from services.reporting.rules.categories import Answers
from services.reporting.rules.journey import Answers as DraftAnswers
from services.reporting.rules.journey import Step, place_of
from services.reporting.rules.places import Place


@dataclass(frozen=True, slots=True)
class Written:
    """One report, ready to be sent. `answers` are to the category's own questions, checked when they were given."""

    category: str
    place: Place
    description: str
    answers: Answers = field(default_factory=dict)
    private: bool = False
    """Whether whoever reports it wants it to be for the council alone."""


def written_in(answers: DraftAnswers) -> Written:
    """What these complete answers say."""
    return Written(
        category=answers[Step.KIND]["kind"],
        place=place_of(answers),
        description=answers[Step.DESCRIPTION]["description"],
        answers=answers.get(Step.QUESTIONS, {}).get("answers", {}),
        private=answers.get(Step.PRIVATE, {}).get("private") == "yes",
    )


def digest_of(*said: object) -> str:
    """What tells answers that a page showed from others; empty for none at all."""
    return sha256(repr(said).encode()).hexdigest() if any(said) else ""


def photos_in(answers: Mapping[str, Mapping[str, object]]) -> list[UUID]:
    """The photos that a draft holds, in their order."""
    held = answers.get(Step.PHOTO, {}).get("photos")
    return [UUID(each) for each in held if isinstance(each, str)] if isinstance(held, list) else []
