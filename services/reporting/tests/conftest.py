"""The whole portal with this service, and residents who report."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from tests.support.residents import Resident, resident

START = "/services/reporting"
STREET = {"street": "Larkspur Meadow", "whereabouts": "By the bottle banks", "unknown": "Larkspur Meadow"}
"""In no street of the demo's, so that nobody is asked which of two it is."""
QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    "fly_tipping": {"answer_amount": "bag"},
    "pothole": {"answer_depth": "shallow"},
    "street_light": {"answer_fault": "out"},
    "graffiti": {"answer_offensive": "no"},
    "street_cleaning": {"answer_kinds": []},
}
"""Enough answers to what each kind asks."""


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The portal with its context open: for functions that no page calls."""
    with app.app_context():
        yield app


@pytest.fixture
def ada(app: Flask) -> Resident:
    """A resident."""
    return resident(app, "Ada")


@pytest.fixture
def ben(app: Flask) -> Resident:
    """Another."""
    return resident(app, "Ben")


@dataclass
class Journey:
    """A report that somebody writes in their browser."""

    resident: Resident
    url: str

    def answer(self, step: str, **values: Any) -> str:
        """Answer one question; the step that comes next."""
        return self.resident.post(f"{self.url}/{step}", **values).location.rpartition("/")[2]

    def up_to(self, step: str, kind: str = "fly_tipping") -> "Journey":
        """Answer every question before this one, the place in words."""
        questions: dict[str, dict[str, Any]] = {
            "description": {"description": "A sofa and two mattresses"},
            "kind": {"kind": kind},
            "questions": dict(QUESTIONS.get(kind, {})),
            "where": {"where": "street"},
            "street": STREET,
            "photo": {},
        }
        for question, values in questions.items():
            if question == step:
                return self
            if question != "questions" or values:
                self.answer(question, **values)
        return self

    def send(self) -> str:
        """Send the report; its reference."""
        return self.resident.post(f"{self.url}/check").location.split("/")[-2]


Begin = Callable[[Resident], Journey]


@pytest.fixture
def begin() -> Begin:
    """Starts a report."""

    def start(resident: Resident) -> Journey:
        first = resident.post(f"{START}/").location
        return Journey(resident, first.rpartition("/")[0])

    return start
