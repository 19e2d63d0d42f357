"""Read a tariff from its data (JSON), and refuse what cannot be right with words that say where."""

import json
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from services.permits.rules.tariff import Tariff

DATA_FOLDER: Final = Path(__file__).parents[1] / "data"
_TARIFF: Final = TypeAdapter(Tariff)


class BadTariff(ValueError):
    """Data that are no tariff. The text names each place and what is wrong there."""


def read_tariff(text: str | bytes) -> Tariff:
    """A tariff from JSON. Raises BadTariff."""
    try:
        return _TARIFF.validate_json(text)
    except ValidationError as error:
        raise BadTariff("; ".join(_fault(each["loc"], each["msg"]) for each in error.errors())) from error


def tariff_from(data: Mapping[str, Any]) -> Tariff:  # Any: JSON as the database hands it over
    """A tariff from what a column of JSON holds. Raises BadTariff."""
    return read_tariff(json.dumps(data))


def tariff_data(tariff: Tariff) -> dict[str, Any]:  # Any: JSON as the database takes it
    """The tariff as JSON for a column; `tariff_from` of it gives the same tariff."""
    found: dict[str, Any] = _TARIFF.dump_python(tariff, mode="json", exclude_defaults=True)
    return found


def load_tariff(path: Path) -> Tariff:
    """The tariff in a file. Raises BadTariff, which names the file."""
    try:
        return read_tariff(path.read_bytes())
    except BadTariff as error:
        raise BadTariff(f"{path.name}: {error}") from error


def load_tariffs(folder: Path) -> tuple[Tariff, ...]:
    """The versions of one council in a folder, the earliest first, one for each first day. Raises BadTariff."""
    found = [load_tariff(path) for path in sorted(folder.glob("*.json"))]
    if not found:
        raise BadTariff(f"there is no file of prices in {folder}")
    if len({each.code for each in found}) > 1:
        raise BadTariff(f"the files in {folder} have different codes: they are not versions of one tariff")
    found.sort(key=lambda each: each.from_on or date.min)
    for first, second in pairwise(found):
        if first.from_on == second.from_on:
            raise BadTariff(f"two files in {folder} begin on the same day, {first.from_on}")
    return tuple(found)


def _fault(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(str(each) for each in place) or 'the tariff'}: {message}"
