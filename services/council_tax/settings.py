"""What a council may set: `MOOTHALL_COUNCIL_TAX_…`."""

from portal.kit import ServiceSettings


class CouncilTaxSettings(ServiceSettings):
    """Settings of council tax."""
