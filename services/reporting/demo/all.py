"""All demo data of reporting."""

from collections.abc import Mapping

from portal.kit import Account
from services.reporting.demo import neighbours, residents


def load(accounts: Mapping[str, Account], staff: str) -> None:
    """What the demo's people reported, and their neighbours. Doing it again adds nothing."""
    residents.load(accounts, staff)
    neighbours.load(staff)
