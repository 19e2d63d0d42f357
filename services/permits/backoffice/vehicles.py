"""Ask DVLA's Vehicle Enquiry Service about a vehicle."""

from services.permits.backoffice.values import Unknown, VehicleFound


def find_vehicle(registration: str) -> VehicleFound | Unknown:
    """What DVLA says of a normalised registration mark, which is possible.

    Waits as long as the settings say and no longer, outside any transaction (the request's is ended first). Raises
    Unavailable while DVLA cannot be asked, or where no address and key are set: then the resident can type the facts
    from the V5C, and an officer looks at it.
    """
    raise NotImplementedError
