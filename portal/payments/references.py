"""References of payments: `PAY-7KQ4-X2M9`, which nobody takes for a case's."""

from typing import Final

from portal import references

PREFIX: Final = "PAY-"
_LEAD: Final = "PAY"
"""No reference begins so by itself: the alphabet has no A."""


def new_payment_reference() -> str:
    """A reference that was hardly ever given before. The table refuses the rest."""
    return PREFIX + references.new_reference()


def read_payment_reference(typed: str) -> str | None:
    """The reference as it is printed, or None when the text cannot be one. Forgives case, spaces, hyphens, no PAY."""
    typed = typed.strip()
    body = typed[len(_LEAD) :] if typed[: len(_LEAD)].upper() == _LEAD else typed
    found = references.read_reference(body)
    return PREFIX + found if found else None
