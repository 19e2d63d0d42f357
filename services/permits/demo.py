"""Parking for the demo's people."""

from collections.abc import Mapping

from portal.kit import Account


def load(accounts: Mapping[str, Account], staff: str) -> None:
    """Nothing yet."""
    del accounts, staff
