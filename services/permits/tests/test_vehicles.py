"""What DVLA writes of a vehicle, read; and the facts kept."""

from typing import Final

import pytest
from hypothesis import given

from services.permits.rules.vehicles import Fuel, Vehicle, euro_of, fuel_of, vehicle_data, vehicle_from
from services.permits.tests.pricing import VEHICLES

FUELS: Final = {
    "PETROL": Fuel.PETROL,
    "DIESEL": Fuel.DIESEL,
    "HEAVY OIL": Fuel.DIESEL,
    "ELECTRICITY": Fuel.ELECTRIC,
    "HYBRID ELECTRIC": Fuel.HYBRID,
    "ELECTRIC DIESEL": Fuel.DIESEL_HYBRID,
    "FUEL CELLS": Fuel.HYDROGEN,
    "GAS BI-FUEL": Fuel.GAS,
    "petrol/gas": Fuel.PETROL,
    "STEAM": Fuel.OTHER,
    "": None,
}


@pytest.mark.parametrize(("said", "fuel"), FUELS.items())
def test_dvlas_words_for_fuels_are_read(said: str, fuel: Fuel | None) -> None:
    assert fuel_of(said) is fuel


EUROS: Final = {"EURO1": 1, "Euro 5": 5, "EURO 6 AD": 6, "EURO 6AD": 6, "Euro VI": 6, "euro iv": 4, "": None, "X": None}


@pytest.mark.parametrize(("said", "euro"), EUROS.items())
def test_dvlas_words_for_standards_are_read(said: str, euro: int | None) -> None:
    assert euro_of(said) == euro


@given(VEHICLES)
def test_a_vehicle_is_kept_without_loss(vehicle: Vehicle) -> None:
    assert vehicle_from(vehicle_data(vehicle)) == vehicle
