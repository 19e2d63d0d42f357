"""Where a resident goes to pay."""

from portal.payments.baskets import PATH


def pay_path() -> str:
    """The page of the resident's basket: where to send them after `put_in_basket`."""
    return PATH
