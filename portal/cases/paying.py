"""Where a resident may be sent to pay: to our own basket, or to the hosts that the settings name, and nowhere else."""

import re
from typing import Final
from urllib.parse import urlsplit

from portal.web.languages import gettext as _
from portal.web.money import money
from portal.web.state import web_state

LONGEST: Final = 500
LEAST: Final = 30
"""Pence that a card can pay here: Stripe, which pays out for GOV.UK Pay, takes no less. As `portal.payments` has it."""
_PLAIN: Final = re.compile(r"https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?([/?#][!-[\]-~]*)?")
"""No name and password before the host, no backslash, nothing that browsers may read in another way than we do."""


def why_not_payable(amount: int | None, pay_url: str) -> str | None:
    """Why this amount, in whole pence, cannot be asked for at this address, in words for staff.

    No address asks for it to be paid here, through the basket, where the council takes payments.
    """
    if not amount or amount < 0 or amount > 10_000_000:
        return _("Enter an amount between 1p and £100,000.")
    if not pay_url and web_state().settings.pay.is_set:
        return (
            _("The least that can be paid by card here is %(least)s.", least=money(LEAST)) if amount < LEAST else None
        )
    if len(pay_url) > LONGEST or not _PLAIN.fullmatch(pay_url):
        return _("Enter the address of the payment page, beginning with https://")
    known = web_state().settings.council.pays_at
    if urlsplit(pay_url).hostname not in known:
        return _("We send residents nowhere else to pay than to %(hosts)s.", hosts=", ".join(sorted(known)))
    return None
