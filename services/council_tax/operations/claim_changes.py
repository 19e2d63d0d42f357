"""From the answers of a claim to the change that the council's system is asked for."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from services.council_tax.backoffice.changes import (
    AskArrangement,
    Change,
    ClaimBandReduction,
    ClaimDiscount,
    ClaimExemption,
    ClaimReduction,
    ClaimRefund,
    EndDiscount,
)
from services.council_tax.rules.claim_journeys import (
    ARRANGEMENT,
    BAND_REDUCTION,
    DISCOUNT,
    ENDED,
    EXEMPTION,
    NOT_COUNTED,
    REDUCTION,
    REFUND,
    Journey,
    Said,
    discount_code,
)

ASKED_OF_MEANS: Final = (
    "pension_age",
    "guarantee",
    "older",
    "partner",
    "children",
    "others",
    "income",
    "savings",
    "estimate",
)


def change_of(journey: Journey, said: Said) -> Change:
    """The change, from answers that are all there. Raises KeyError where one is missing."""
    return _CHANGES[journey.name](said)


def facts_of(change: Change) -> Mapping[str, str]:
    """Codes by which cases are routed."""
    code = getattr(change, "code", "")
    return {"code": code} if code else {}


def _discount(said: Said) -> Change:
    asked = {NOT_COUNTED: ("who", "adults"), "hardship": ("why",)}.get(said["what"], ())
    alone = said["what"] in ("single_person", "hardship")
    return ClaimDiscount(
        code=discount_code(said),
        since_on=_day(said, "since_on"),
        until_on=None if alone else _maybe_day(said, "until_on"),
        answers=_answers(said, asked),
    )


def _ended(said: Said) -> Change:
    return EndDiscount(code=said["code"], ended_on=_day(said, "ended_on"))


def _exemption(said: Said) -> Change:
    return ClaimExemption(
        code=said["reason"],
        since_on=_day(said, "since_on"),
        until_on=_maybe_day(said, "until_on"),
        answers=_answers(said, ("granted_on",) if said["reason"] == "F" else ()),
    )


def _band_reduction(said: Said) -> Change:
    return ClaimBandReduction(code=said["ground"], since_on=_day(said, "since_on"))


def _reduction(said: Said) -> Change:
    pension = {"guarantee", "older"} if said["pension_age"] != "yes" else set()
    poor = {"income", "savings", "older"} if not pension and said.get("guarantee") == "yes" else set()
    asked = [name for name in ASKED_OF_MEANS if name not in pension | poor]
    return ClaimReduction(since_on=_day(said, "since_on"), answers=_answers(said, asked))


def _refund(said: Said) -> Change:
    return ClaimRefund(
        pence=said["pence"],
        sort_code=said["sort_code"],
        account_number=said["account_number"],
        payee_name=said["payee_name"],
    )


def _arrangement(said: Said) -> Change:
    day: Any = int(said["day"])  # one of the four that the form offers; the change refuses any other
    return AskArrangement(months=int(said["months"]), day=day, answers=_answers(said, ("afford",)))


def _answers(said: Said, names: Iterable[str]) -> dict[str, str]:
    return {name: str(said[name]) for name in names if said.get(name) not in (None, "")}


def _day(said: Said, name: str) -> date:
    return date.fromisoformat(said[name])


def _maybe_day(said: Said, name: str) -> date | None:
    return date.fromisoformat(said[name]) if said.get(name) else None


_CHANGES: Final[Mapping[str, Callable[[Said], Change]]] = {
    DISCOUNT.name: _discount,
    ENDED.name: _ended,
    EXEMPTION.name: _exemption,
    BAND_REDUCTION.name: _band_reduction,
    REDUCTION.name: _reduction,
    REFUND.name: _refund,
    ARRANGEMENT.name: _arrangement,
}
