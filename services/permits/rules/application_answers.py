"""What the answers of a draft ask for. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from portal.kit import Address
from services.permits.rules.application_steps import (
    PROVES,
    Answers,
    Asking,
    Step,
    find_home,
    marks_said,
    proofs_needed,
)
from services.permits.rules.lengths import Length, read_length
from services.permits.rules.permits import KINDS, Application, Keeper, Kind
from services.permits.rules.vehicles import Vehicle, vehicle_from

VISITORS_FOR: Final = Length(months=12)
"""For how long somebody may have visitors park: a year, and then they renew it. It costs nothing by itself."""
KEEPERS: Final[Mapping[str, Keeper]] = {"me": "me", "household": "household", "employer": "employer", "hired": "hired"}


def application_from(asking: Asking) -> Application:
    """The application for a first permit. Call it when the questions before the length are answered.

    Documents count that are asked for; what was added for an answer that has been changed since is not looked at.
    """
    answers = asking.answers
    kind = kind_of(asking)
    return Application(
        kind=kind,
        **_place(answers, kind),
        first_on=date.fromisoformat(answers[Step.START]["day"]),
        length=length_of(answers) or VISITORS_FOR,
        vehicle=None if kind == "visitor" else vehicle_of(answers),
        keeper=keeper_of(answers),
        marks=marks_said(asking),
        proofs=documents_of(asking),
    )


def kind_of(asking: Asking) -> Kind:
    """The kind of permit. Raises ValueError before one was chosen."""
    for kind in KINDS:
        if kind == asking.kind:
            return kind
    raise ValueError("no kind of permit was chosen")


def documents_of(asking: Asking) -> frozenset[str]:
    """The purposes of the documents that were added and are asked for."""
    return asking.sent & {PROVES[step] for step in proofs_needed(asking)}


def length_of(answers: Answers) -> Length | None:
    """The length that was chosen."""
    said = answers.get(Step.LENGTH, {}).get("length")
    return read_length(said) if said else None


def vehicle_of(answers: Answers) -> Vehicle:
    """The vehicle with what is known of it. Raises KeyError before it was told."""
    return vehicle_from(answers[Step.VEHICLE]["facts"])


def keeper_of(answers: Answers) -> Keeper:
    """Whose the vehicle is."""
    return KEEPERS.get(str(answers.get(Step.KEEPER, {}).get("keeper")), "me")


def home_data(home: Address) -> dict[str, Any]:  # plain JSON
    """An address for a draft."""
    return {
        "uprn": home.uprn,
        "lines": list(home.lines),
        "street": home.street,
        "town": home.town,
        "postcode": home.postcode,
        "lat": home.lat,
        "lon": home.lon,
        "label": home.label,
    }


def home_of(answers: Answers) -> Address:
    """The home that was chosen. Raises KeyError when none of those that were found was."""
    home = find_home(answers)
    if home is None:
        raise KeyError(Step.HOME)
    names = ("uprn", "street", "town", "postcode", "lat", "lon")
    return Address(lines=tuple(home["lines"]), **{name: home[name] for name in names})


def _place(answers: Answers, kind: Kind) -> dict[str, Any]:  # fields of an application
    if kind == "business":
        said = answers[Step.BUSINESS]
        place = {name: said[name] for name in ("address", "postcode", "street", "uprn", "zone")}
        return place | {"business_id": UUID(said["business"])}
    home = find_home(answers)
    if home is not None:
        return {
            "address": home["label"],
            "postcode": home["postcode"],
            "street": home["street"],
            "uprn": home["uprn"],
        }
    typed = answers[Step.TYPED]
    return {"address": typed["address"], "postcode": typed["postcode"], "street": "", "zone": typed["zone"]}
