"""Ask DVLA's Vehicle Enquiry Service about a vehicle."""

import logging
from collections.abc import Mapping
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from portal.kit import Dialect, NotFound, OfficeRefused, Unavailable, clock, get_office, settings_of
from portal.kit import gettext as _
from services.permits.backoffice.values import Enquiry, Unknown, VehicleFound
from services.permits.rules.registrations import normalise
from services.permits.rules.vehicles import Vehicle, euro_of, fuel_of
from services.permits.settings import PermitSettings

log = logging.getLogger(__name__)

SERVICE: Final = "permits"
PATH: Final = "/v1/vehicles"


def find_vehicle(registration: str) -> VehicleFound | Unknown:
    """What DVLA says of a normalised registration mark.

    Waits as long as the settings say and no longer, outside any transaction: the request's is ended first. Raises
    Unavailable while DVLA cannot be asked, or where no address and key are set: then the resident can give the facts
    from the V5C themselves, and an officer looks at it.
    """
    settings = settings_of(PermitSettings)
    if not settings.dvla_url or settings.dvla_key is None:
        raise Unavailable(_("Vehicles cannot be looked up here yet."))
    office = get_office(
        SERVICE,
        base_url=settings.dvla_url,
        token=settings.dvla_key.get_secret_value(),
        seconds=settings.dvla_waits_seconds,
        dialect=DVLA,
    )
    asked = {"registrationNumber": registration}
    try:
        said = office.post(PATH, asked, Enquiry, only_asks=True, about=registration)
    except (NotFound, OfficeRefused):  # no such vehicle, or a mark that DVLA takes for none
        return Unknown(registration)
    if normalise(said.registration_number) != registration:
        log.error("DVLA answers about another vehicle than it was asked about")
        raise Unavailable(_("We cannot look vehicles up at the moment. Try again later."))
    return _found(registration, said)


def _found(registration: str, said: Enquiry) -> VehicleFound:
    return VehicleFound(
        vehicle=Vehicle(
            registration=registration,
            make=said.make or "",
            colour=said.colour or "",
            co2=said.co2_emissions,
            engine_cc=said.engine_capacity,
            fuel=fuel_of(said.fuel_type or ""),
            first_registered=month_of(said.month_of_first_registration or said.month_of_first_dvla_registration),
            euro=euro_of(said.euro_status or ""),
            type_approval=said.type_approval or "",
            wheelplan=said.wheelplan or "",
            source="dvla",
        ),
        as_of=clock.today(),
        tax_status=said.tax_status or "",
        tax_due_on=said.tax_due_date,
        mot_status=said.mot_status or "",
        mot_expires_on=said.mot_expiry_date,
        marked_for_export=bool(said.marked_for_export),
    )


def month_of(text: str | None) -> date | None:
    """The first day of a month that is written `2019-03`; None for what names none."""
    try:
        return date.fromisoformat(f"{(text or '')[:7]}-01")
    except ValueError:
        return None


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    code: str = ""
    status: str = ""
    title: str


class _Refusal(BaseModel):
    """How DVLA says no. Of an error, its title alone is certain to be there."""

    errors: tuple[_Said, ...]


def _code_of(content: bytes) -> str | None:
    try:
        errors = _Refusal.model_validate_json(content).errors
    except ValidationError:
        return None
    return next((each.code or each.status or each.title for each in errors), None)


def _api_key(token: str) -> Mapping[str, str]:
    return {"x-api-key": token}


DVLA: Final = Dialect(credentials=_api_key, refusal=_code_of)
