"""Read a tariff from its data (JSON), and refuse what cannot be right with words that say where."""

import json
from collections.abc import Mapping
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


def _fault(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(str(each) for each in place) or 'the tariff'}: {message}"
