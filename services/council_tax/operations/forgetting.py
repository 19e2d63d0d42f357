"""Forget a resident."""

from portal.kit import Account


def forget(_account: Account) -> None:
    """Nothing yet: the service keeps no table of its own."""
