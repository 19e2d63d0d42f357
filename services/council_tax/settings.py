"""What a council may set: `MOOTHALL_COUNCIL_TAX_…`."""

from pathlib import Path

from portal.kit import ServiceSettings


class CouncilTaxSettings(ServiceSettings):
    """Settings of council tax."""

    modulus_weights: Path | None = None
    """The table of weights for checking bank accounts, in the form of Pay.UK's `valacdos.txt`. Without it, only the
    few sort codes of the published examples are checked: fetch the current one before you take Direct Debits."""
    modulus_sort_codes: Path | None = None
    """The table of sort codes that stand for others, in the form of Pay.UK's `scsubtab.txt`."""
