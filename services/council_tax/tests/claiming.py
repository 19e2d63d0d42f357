"""Walk through a claim as a resident does."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.council_tax.backoffice.values import Account, Adjustment, Person
from services.council_tax.tests.conftest import ACCOUNT
from services.council_tax.tests.told import ADA, account
from tests.support.residents import Resident

Steps = Mapping[str, Mapping[str, Any]]  # what each form is sent
ALONE = (Person(id=ADA, name="Ada Lark", role="liable", since_on=date(2020, 1, 1)),)


def on(name: str, day: date) -> Mapping[str, Any]:  # what a form is sent
    """A day as the three parts of a date field."""
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def begin(who: Resident, path: str) -> str:
    """Start; the address that the questions stand under."""
    return str(who.post(f"{ACCOUNT}/{path}").location).rpartition("/")[0]


def up_to(who: Resident, path: str, steps: Steps, step: str = "check") -> str:
    """Answer every question before this one."""
    url = begin(who, path)
    for name, values in steps.items():
        if name == step:
            break
        who.post(f"{url}/{name}", **values)
    return url


def send(who: Resident, path: str, steps: Steps) -> str:
    """Answer and send everything; the address of the confirmation."""
    return str(who.post(f"{up_to(who, path, steps)}/check").location)


def alone(**other: Any) -> Account:  # fields of an account
    """Ada's account with nobody else on it, and nothing that lowers the bill."""
    return account(**({"people": ALONE, "adjustments": ()} | other))


def lowers(code: str, kind: Any = "discount", **other: Any) -> Adjustment:  # fields of an adjustment
    """Something that lowers the bill of the whole year."""
    values = {"id": f"a-{code}", "kind": kind, "code": code, "since_on": date(2026, 4, 1), "days": 365, "pence": -36500}
    return Adjustment(**(values | other))
