"""The choices above a list, as its template draws them."""

from collections.abc import Mapping
from typing import Any


def choice(id: str, label: str, options: Mapping[str, str], chosen: str) -> dict[str, Any]:
    """One choice: `options` by their values, in order. A value that is none of them chooses the first."""
    items = [{"value": value, "text": text, "checked": value == chosen} for value, text in options.items()]
    return {"id": id, "label": label, "items": items}
