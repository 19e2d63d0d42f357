"""What is sold here: kinds with a price, and visitor parking where hours can be bought."""

from typing import Final

import pytest

from services.permits.queries import applications
from services.permits.queries.applications import kinds_sold
from services.permits.rules.tariff_data import DATA_FOLDER, load_tariff

SOLD: Final = {"kingston": ["visitor"], "tower_hamlets": [], "hf_2025": ["resident", "visitor"]}


@pytest.mark.parametrize(("name", "kinds"), SOLD.items())
def test_visitor_parking_is_offered_where_it_is_sold_by_time(
    name: str, kinds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tariff = load_tariff(DATA_FOLDER / "published" / f"{name}.json")
    monkeypatch.setattr(applications, "tariff_on", lambda _day: tariff)
    assert list(kinds_sold()) == kinds
