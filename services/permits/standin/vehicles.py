"""The vehicles that the stand-in knows: DVLA's own test registrations, and those of the demo's people. Pure.

Source of the test registrations and of AA19AAA whole: DVLA's developer portal, Vehicle Enquiry Service, mock responses.
What a page there only hints at is marked as ours.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

Answer = Mapping[str, Any]  # plain JSON

_FIRST: Final[Answer] = {
    "registrationNumber": "AA19AAA",
    "artEndDate": "2025-03-30",
    "co2Emissions": 300,
    "engineCapacity": 2000,
    "euroStatus": "EURO1",
    "markedForExport": False,
    "fuelType": "PETROL",
    "motStatus": "No details held by DVLA",
    "revenueWeight": 0,
    "colour": "RED",
    "make": "FORD",
    "typeApproval": "M1",
    "yearOfManufacture": 2019,
    "taxStatus": "Taxed",
    "dateOfLastV5CIssued": "2019-05-20",
    "wheelplan": "2 AXLE RIGID BODY",
    "monthOfFirstDvlaRegistration": "2019-03",
    "monthOfFirstRegistration": "2019-03",
    "realDrivingEmissions": "1",
}
_LIKE_THE_FIRST: Final[Mapping[str, Answer]] = {
    "AA19AAA": {},
    "AA19PPP": {"co2Emissions": 120, "engineCapacity": 999, "euroStatus": "EURO 6 AD"},  # petrol; its figures are ours
    "AA19DSL": {"fuelType": "DIESEL", "co2Emissions": 139, "engineCapacity": 1968, "euroStatus": "Euro 6"},
    "AA19EEE": {"fuelType": "ELECTRICITY", "co2Emissions": 0, "engineCapacity": None, "euroStatus": None},
    "AA19AMP": {"fuelType": "HYBRID ELECTRIC", "co2Emissions": 92, "engineCapacity": 1798},  # a hybrid is our guess
    "AA19SRN": {"taxStatus": "SORN", "taxDueDate": None},
    "AA19MOT": {"motStatus": "Valid"},
    "L2WPS": {"taxStatus": "Untaxed"},
}
"""What differs from AA19AAA."""


def _car(mark: str, make: str, colour: str, fuel: str, month: str, **more: object) -> Answer:
    about = {"registrationNumber": mark, "make": make, "colour": colour, "fuelType": fuel}
    since = {
        "monthOfFirstRegistration": month,
        "monthOfFirstDvlaRegistration": month,
        "yearOfManufacture": int(month[:4]),
    }
    return {**about, **since, "typeApproval": "M1", "wheelplan": _FIRST["wheelplan"], "markedForExport": False, **more}


_OLD: Final[Answer] = {"typeApproval": None, "engineCapacity": 1396}
_MOTORCYCLE: Final[Answer] = {"typeApproval": "L3e", "wheelplan": "2-WHEEL", "engineCapacity": 471}
_CAMPER: Final[Answer] = {"typeApproval": "SA", "co2Emissions": 210, "engineCapacity": 2200, "euroStatus": "EURO 6"}
DEMO: Final = (
    _car(
        "LA21ADA", "VOLKSWAGEN", "BLUE", "PETROL", "2021-04", co2Emissions=118, engineCapacity=999, euroStatus="EURO 6"
    ),
    _car("LB68BEN", "SKODA", "GREY", "DIESEL", "2018-11", co2Emissions=154, engineCapacity=1968, euroStatus="Euro 6"),
    _car("W478EDW", "ROVER", "GREEN", "PETROL", "2000-05", **_OLD),
    _car("LK73VAN", "FORD", "WHITE", "ELECTRICITY", "2023-10", co2Emissions=0, typeApproval="N1", revenueWeight=3500),
    _car("LC22HYB", "TOYOTA", "SILVER", "HYBRID ELECTRIC", "2022-06", co2Emissions=96, engineCapacity=1798),
    _car(
        "LD09EST", "LAND ROVER", "BLACK", "DIESEL", "2009-03", co2Emissions=272, engineCapacity=2720, euroStatus="EURO4"
    ),
    _car("LM67MTR", "HONDA", "RED", "PETROL", "2017-09", **_MOTORCYCLE),
    _car("AA19MPC", "FIAT", "BEIGE", "DIESEL", "2019-03", **_CAMPER),
)
"""A small car; a diesel; one from before March 2001, without an official CO2; a van; a hybrid; a large diesel; a
motorcycle; a camper, which is no usual car."""

REFUSED: Final[Mapping[str, tuple[int, Answer]]] = {
    "ER19BAD": (
        400,
        {"status": "400", "code": "400", "title": "Bad Request"}
        | {"detail": "Invalid format for field - vehicle registration number"},
    ),
    "ER19NFD": (
        404,
        {"status": "404", "code": "404", "title": "Vehicle Not Found", "detail": "Record for vehicle not found"},
    ),
    "ER19THR": (
        429,
        {"status": "429", "code": "429", "title": "Too Many Requests"}
        | {"detail": "Request rate limit exceeded, please try again later"},
    ),
    "ER19ERR": (
        500,
        {"status": "500", "code": "500", "title": "Internal Server Error", "detail": "System Error occurred"},
    ),
    "ER19MNT": (
        503,
        {"status": 503, "title": "System currently down for maintenance"}
        | {"detail": "The service is currently down for maintenance, please contact support for more information"},
    ),
}
"""DVLA's test registrations that are refused. The last one has a number for its status and no code, as it has there."""


def find(registration: str, today: date) -> Answer | None:
    """What is said of a registration in capitals without spaces; None if nobody knows it."""
    if registration in _LIKE_THE_FIRST:
        own = {"registrationNumber": registration, **_dated(registration, today), **_LIKE_THE_FIRST[registration]}
        return _said({**_FIRST, **own})
    for each in DEMO:
        if each["registrationNumber"] == registration:
            mot = {"motStatus": "Valid", "motExpiryDate": _in(today, 200)}
            tax = {"taxStatus": "Taxed", "taxDueDate": _in(today, 120)}
            return _said({**each, **mot, **tax})
    return None


def _dated(registration: str, today: date) -> Answer:
    """The days that move: tax for a year, an MOT for a year, tax that ran out."""
    if registration == "AA19MOT":
        return {"taxDueDate": _in(today, 365), "motExpiryDate": _in(today, 365)}
    return {"taxDueDate": _in(today, -365 if registration == "L2WPS" else 365)}


def _in(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()


def _said(values: Answer) -> Answer:
    """Without what DVLA does not hold: it leaves such fields out."""
    return {name: value for name, value in values.items() if value is not None}
