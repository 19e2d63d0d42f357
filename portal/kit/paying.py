"""Whether and where a resident goes to pay."""

from portal.payments.baskets import PATH
from portal.web.state import web_state


def pay_path() -> str:
    """The page of the resident's basket: where to send them after `put_in_basket`."""
    return PATH


def takes_payments() -> bool:
    """Whether this council takes card payments here. Without, say how else they can pay."""
    return web_state().settings.pay.is_set
