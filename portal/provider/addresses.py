"""E-mail addresses as this room keeps and compares them."""

from portal.errors import Refused
from portal.notify.addresses import find_address


def folded(email: str) -> str:
    """The one form that is kept, looked up and counted, whatever case somebody types.

    Small letters and not `casefold`, which makes some addresses longer than their column and turns others into
    different ones: whoever reads mail at `straße.example` would have proved an address at `strasse.example`.
    """
    return email.strip().lower()


def checked(email: str) -> str:
    """The folded address. Raises Refused when nobody could write to it, or it is too long (over 254 characters)."""
    address = find_address(email.strip())
    if address is None or len(folded(address)) > 254:
        raise Refused("This is no email address that we can write to. It should look like name@example.com.")
    return folded(address)
