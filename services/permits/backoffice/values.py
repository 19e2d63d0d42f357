"""What DVLA's Vehicle Enquiry Service says of a vehicle: the shapes of its API, version 1.

Source: developer-portal.driver-vehicle-licensing.api.gov.uk, Vehicle Enquiry Service, specification 1.1.0. It names
neither the model nor the keeper. Only the registration is certain to be there; months, fuel and emission standard are
free text, and more fields than these may come.
"""

from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from services.permits.rules.vehicles import Vehicle


class Enquiry(BaseModel):
    """The answer to one enquiry, as it comes. Unknown statuses are read as text: a new one is no reason to fail."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)

    registration_number: str
    make: str | None = None
    colour: str | None = None
    fuel_type: str | None = None
    co2_emissions: int | None = Field(None, ge=0, le=2000, alias="co2Emissions")
    engine_capacity: int | None = Field(None, ge=0, le=100_000)
    euro_status: str | None = None
    month_of_first_registration: str | None = None
    month_of_first_dvla_registration: str | None = None
    year_of_manufacture: int | None = None
    type_approval: str | None = None
    wheelplan: str | None = None
    revenue_weight: int | None = None
    tax_status: str | None = None
    tax_due_date: date | None = None
    mot_status: str | None = None
    mot_expiry_date: date | None = None
    marked_for_export: bool | None = None
    date_of_last_v5c_issued: date | None = Field(None, alias="dateOfLastV5CIssued")


@dataclass(frozen=True, slots=True)
class VehicleFound:
    """DVLA knows the vehicle. `vehicle` is what prices and decisions rest on; the rest is for an officer's eye."""

    vehicle: Vehicle
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
