"""Residents who tell of a move, question by question, and a system that opens accounts for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.council_tax.backoffice.changes import Change
from services.council_tax.backoffice.values import ChangeAnswer
from services.council_tax.tests.conftest import ACCOUNT, START
from services.council_tax.tests.told import ToldSystem
from tests.support.residents import Resident

IN, OUT, WITHIN = f"{START}/moving/in", f"{ACCOUNT}/moving/out", f"{ACCOUNT}/moving/within"
NEW_REFERENCE = "40007777"
Answers = Mapping[str, Mapping[str, Any]]  # by step, what its form is sent


def on(day: date) -> dict[str, str]:
    """A day as its three fields."""
    return {"day-day": str(day.day), "day-month": str(day.month), "day-year": str(day.year)}


def into(**other: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What the questions about a new home are answered with."""
    return {
        "postcode": {"postcode": "w69ju"},
        "address": {"address": "2"},
        "day": on(date(2026, 9, 14)),
        "names": {"names": "Ada Lark\n Kim   Lark \n"},
        "adults": {"adults": "2"},
        "tenure": {"tenure": "tenant"},
        **other,
    }


def out(**other: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What the questions about leaving are answered with."""
    return {
        "who": {"who": "everybody"},
        "left": on(date(2026, 9, 14)),
        "forwarding": {"line_1": "9 Secret Street", "line_2": "", "town": "Leeds", "postcode": "LS1 1AA"},
        **other,
    }


def within(**other: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What the questions about both homes are answered with."""
    leaving = out()
    return {"who": leaving["who"], "left": leaving["left"], **into(**other)}


def begin(resident: Resident, start: str) -> str:
    """Start; the address that the questions stand under."""
    answer = resident.post(start, stay="no") if start.endswith("/out") else resident.post(start)
    return str(answer.location).rpartition("/")[0]


def up_to(resident: Resident, start: str, answers: Answers, step: str = "check") -> str:
    """Answer every question before this one; the address that they stand under."""
    url = begin(resident, start)
    for name, values in answers.items():
        if name == step:
            break
        resident.post(f"{url}/{name}", **values)
    return url


def send(resident: Resident, start: str, answers: Answers) -> str:
    """Answer and send everything; the address of the confirmation."""
    url = up_to(resident, start, answers)
    return str(resident.post(f"{url}/check").location)


@dataclass
class Opens(ToldSystem):
    """Opens an account for who moves in or within."""

    asked: list[tuple[str, Change]] = field(default_factory=list)

    def change(self, person_id: str, reference: str, change: Change, key: str) -> ChangeAnswer:
        """Take a move."""
        if reference:
            super().change(person_id, reference, change, key)
        self.asked.append((person_id, change))
        if change.kind == "move_out":
            return ChangeAnswer(id=key, kind=change.kind, state="accepted", reference=reference, person_id=person_id)
        who = person_id or "person-new"
        return ChangeAnswer(id=key, kind=change.kind, state="accepted", reference=NEW_REFERENCE, person_id=who)
