"""Tariffs and vehicles that the tests of prices share."""

from datetime import date
from typing import Any, Final

from hypothesis import strategies as st

from services.permits.rules.tariff import Tariff
from services.permits.rules.tariff_data import tariff_from
from services.permits.rules.vehicles import Fuel, Vehicle

VEHICLES: Final = st.builds(
    Vehicle,
    co2=st.none() | st.integers(0, 500),
    engine_cc=st.none() | st.integers(0, 8000),
    fuel=st.none() | st.sampled_from(Fuel),
    first_registered=st.none() | st.dates(date(1960, 1, 1), date(2026, 12, 1)),
    euro=st.none() | st.integers(1, 7),
    type_approval=st.sampled_from(("", "M1", "N1", "L3e", "T1")),
    wheelplan=st.sampled_from(("", "2-WHEEL", "2 AXLE RIGID BODY")),
)


def simple(**kind: Any) -> Tariff:
    """A tariff of residents alone: £100 for a year and £10.05 for a month, unless told otherwise."""
    prices = {
        "lengths": ["1m", "12m"],
        "pricings": [{"price": {"model": "flat", "pence": {"1m": 1005, "12m": 100_00}}}],
    }
    return tariff_from(
        {
            "code": "any",
            "authority": "Anywhere",
            "kinds": {"resident": prices | kind},
            "marks": {"disabled": {"en": "Blue Badge", "cy": "Bathodyn Glas"}},
            "sources": ["this test"],
        }
    )
