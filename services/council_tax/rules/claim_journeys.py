"""The questions of each claim, which of them these answers ask, and in which order.

One shape for all claims, so that Back, Change and a second tab behave alike everywhere.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.council_tax.rules.discounts import BY_CODE as DISCOUNTS
from services.council_tax.rules.exemptions import BY_CODE as EXEMPTIONS

Said = Mapping[str, Any]
"""What has been answered, by the name of the field: plain JSON."""
CHECK: Final = "check"
NOT_COUNTED: Final = "not_counted"
"""The answer “somebody who lives here is not counted”, after which the page asks why."""
OFFERED: Final = ("single_person", NOT_COUNTED, "annexe", "care_leaver", "empty", "hardship")
"""What a discount can be asked for. That nobody counts follows from who lives there and is not asked for."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One claim. `path` is the last part of its address, `kind` that of the change it ends in.

    `undoes`: by step, the steps whose answers no longer stand once it is answered anew. `private`: it asks for a bank
    account.
    """

    name: str
    path: str
    kind: str
    case_type: str
    steps: Callable[[Said], tuple[str, ...]]
    undoes: Mapping[str, tuple[str, ...]]
    private: bool = False


def _discount(said: Said) -> tuple[str, ...]:
    what = said.get("what", "")
    if what == NOT_COUNTED:
        return ("what", "reason", "who", "adults", "since", "until", "evidence", CHECK)
    if what == "hardship":
        return ("what", "why", "since", "evidence", CHECK)
    return ("what", "since", CHECK) if what == "single_person" else ("what", "since", "until", "evidence", CHECK)


def _exemption(said: Said) -> tuple[str, ...]:
    granted = ("granted",) if EXEMPTIONS.get(said.get("reason", "")) is EXEMPTIONS["F"] else ()
    return ("lived", "reason", "since", *granted, "until", "evidence", CHECK)


def _reduction(said: Said) -> tuple[str, ...]:
    means = () if said.get("guarantee") == "yes" else ("income", "savings")
    pension = ("guarantee",) if said.get("pension_age") == "yes" else ()
    older = ("older",) if pension and means else ()
    return ("age", *pension, *older, "partner", "children", "others", *means, "estimate", "since", "evidence", CHECK)


DISCOUNT: Final = Journey(
    "discount", "discounts", "discount", "discount", _discount, {"what": ("reason",), "since": ("until",)}
)
ENDED: Final = Journey(
    "discount_ended",
    "discounts/ended",
    "discount_end",
    "discount",
    lambda _said: ("which", "last-day", CHECK),
    {"which": ("last-day",)},
)
EXEMPTION: Final = Journey(
    "exemption",
    "exemption",
    "exemption",
    "exemption",
    _exemption,
    {"lived": ("reason", "until"), "reason": ("until",), "since": ("granted", "until"), "granted": ("until",)},
)
BAND_REDUCTION: Final = Journey(
    "band_reduction",
    "band-reduction",
    "band_reduction",
    "band_reduction",
    lambda _said: ("ground", "since", "evidence", CHECK),
    {},
)
_ESTIMATED_FROM: Final = ("guarantee", "older", "partner", "children", "others", "income", "savings")
REDUCTION: Final = Journey(
    "reduction",
    "reduction",
    "reduction",
    "reduction",
    _reduction,
    {"age": ("guarantee", "older", "estimate")} | dict.fromkeys(_ESTIMATED_FROM, ("estimate",)),
)
REFUND: Final = Journey(
    "refund",
    "refund",
    "refund",
    "refund",
    lambda _said: ("amount", "payee", "sort-code", "account-number", CHECK),
    {"sort-code": ("account-number",)},
    private=True,
)
ARRANGEMENT: Final = Journey(
    "arrangement",
    "spread",
    "arrangement",
    "arrangement",
    lambda _said: ("months", "day", "afford", CHECK),
    {},
)
JOURNEYS: Final = (DISCOUNT, ENDED, EXEMPTION, BAND_REDUCTION, REDUCTION, REFUND, ARRANGEMENT)


def first_missing(journey: Journey, said: Said, answered: Collection[str]) -> str:
    """The first question without an answer; check when all have one."""
    return next(step for step in journey.steps(said) if step == CHECK or step not in answered)


def may_open(journey: Journey, step: str, said: Said, answered: Collection[str]) -> bool:
    """Whether the question is asked at all, and all before it are answered."""
    steps = journey.steps(said)
    return step in steps and steps.index(step) <= steps.index(first_missing(journey, said, answered))


def step_before(journey: Journey, step: str, said: Said, answered: Collection[str]) -> str | None:
    """Where Back leads: from a changed answer back to check. None before the first question."""
    if step != CHECK and first_missing(journey, said, answered) == CHECK:
        return CHECK
    steps = journey.steps(said)
    at = steps.index(step)
    return steps[at - 1] if at else None


def discount_code(said: Said) -> str:
    """The code of the discount or disregard that is asked for; "" before it is known."""
    what = str(said.get("what", ""))
    return str(said.get("reason", "")) if what == NOT_COUNTED else what if what in DISCOUNTS else ""
