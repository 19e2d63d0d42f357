"""What DVLA's Vehicle Enquiry Service says of a vehicle: the shapes of its API, version 1.

Source: developer-portal.driver-vehicle-licensing.api.gov.uk, Vehicle Enquiry Service, specification 1.1.0. It names
neither the model nor the keeper. Only the registration is certain to be there; months, fuel and emission standard are
free text, and more fields than these may come.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.alias_generators import to_camel

from services.permits.rules.vehicles import Vehicle

T = TypeVar("T")


def _none_if_odd(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


Said = Annotated[T | None, WrapValidator(_none_if_odd)]
"""A fact that cannot be read is one that was not said: a date in another form must not cost all the others."""


class Enquiry(BaseModel):
    """The answer to one enquiry, as it comes. Statuses are read as text: a new one is no reason to fail."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)

    registration_number: str
    make: Said[str] = None
    colour: Said[str] = None
    fuel_type: Said[str] = None
    co2_emissions: Said[Annotated[int, Field(ge=0, le=2000)]] = Field(None, alias="co2Emissions")
    engine_capacity: Said[Annotated[int, Field(ge=0, le=100_000)]] = None
    euro_status: Said[str] = None
    month_of_first_registration: Said[str] = None
    month_of_first_dvla_registration: Said[str] = None
    type_approval: Said[str] = None
    wheelplan: Said[str] = None
    tax_status: Said[str] = None
    tax_due_date: Said[date] = None
    mot_status: Said[str] = None
    mot_expiry_date: Said[date] = None
    marked_for_export: Said[bool] = None


@dataclass(frozen=True, slots=True)
class VehicleFound:
    """DVLA knows the vehicle. `vehicle` is what prices and decisions rest on; the rest is for an officer's eye."""

    vehicle: Vehicle
    as_of: date
    tax_status: str
    """`Taxed`, `SORN`, `Untaxed`, `Not Taxed for on Road Use`, or empty."""
    tax_due_on: date | None
    mot_status: str
    """`Valid`, `Not valid`, `No details held by DVLA`, `No results returned`, or empty."""
    mot_expires_on: date | None
    marked_for_export: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """DVLA knows no such vehicle: a mistyped mark, one from abroad or of the forces, or one just registered."""

    registration: str
