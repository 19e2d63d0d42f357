"""What the price calculator asks, as it stands in an address: nothing of it says whose vehicle it is."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from services.permits.rules.price_models import Question
from services.permits.rules.tariff import Tariff
from services.permits.rules.vehicles import Fuel, Sort, Vehicle

MOST_GRAMS: Final = 999
MOST_CC: Final = 20_000
MOST_VEHICLES: Final = 9
APPROVED: Final[Mapping[Sort, str]] = {
    Sort.CAR: "M1",
    Sort.MOTORCYCLE: "L",
    Sort.GOODS: "N",
    Sort.BUS: "M2",
    Sort.OTHER: "T",
}
"""A category that stands for each sort."""
_NUMBER: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


class NotAsked(ValueError):
    """Nothing that a page of ours would have written."""


def question_args(question: Question) -> dict[str, str]:
    """The question as the arguments of an address; what is not known is left out, and so is the length."""
    vehicle = question.vehicle
    registered = vehicle.first_registered
    known = {
        "kind": question.kind,
        "fuel": vehicle.fuel,
        "co2": vehicle.co2,
        "cc": vehicle.engine_cc,
        "since": None if registered is None else f"{registered.year:04}-{registered.month:02}",
        "euro": vehicle.euro,
        "sort": vehicle.sort,
        "number": question.number if question.number > 1 else None,
        "zone": question.zone,
        "tier": question.tier,
        "marks": ",".join(sorted(question.marks)),
    }
    return {name: str(value) for name, value in known.items() if value not in (None, "")}


def read_question(tariff: Tariff, args: Mapping[str, str], zones: Collection[str] = ()) -> Question:
    """The question in an address, for the first length on offer. `zones` are those that there are. Raises NotAsked."""
    kind = args.get("kind", "")
    if kind not in tariff.kinds:
        raise NotAsked
    marks = frozenset(args.get("marks", "").split(",")) - {""}
    zone = args.get("zone", "")
    if not marks <= tariff.marks.keys() or (zone and zone not in zones):
        raise NotAsked
    return Question(
        kind=kind,
        length=tariff.kinds[kind].lengths[0],
        vehicle=_vehicle(args),
        zone=zone,
        number=_whole(args, "number", 1, MOST_VEHICLES) or 1,
        marks=marks,
        tier=args.get("tier", "")[:20],
    )


def _vehicle(args: Mapping[str, str]) -> Vehicle:
    try:
        fuel = Fuel(args["fuel"]) if args.get("fuel") else None
        approved = APPROVED[Sort(args["sort"])] if args.get("sort") else ""
    except ValueError as error:
        raise NotAsked from error
    return Vehicle(
        fuel=fuel,
        co2=_whole(args, "co2", 0, MOST_GRAMS),
        engine_cc=_whole(args, "cc", 0, MOST_CC),
        first_registered=_month(args.get("since", "")),
        euro=_whole(args, "euro", 1, 9),
        type_approval=approved,
        source="resident",
    )


def _whole(args: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    written = args.get(name, "")
    if not written:
        return None
    if not _NUMBER.fullmatch(written) or not least <= int(written) <= most:
        raise NotAsked
    return int(written)


def _month(written: str) -> date | None:
    if not written:
        return None
    if not _MONTH.fullmatch(written) or written < "1885":
        raise NotAsked
    return date.fromisoformat(f"{written}-01")
