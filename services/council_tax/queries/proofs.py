"""Where the council tax accounts that a resident has joined show that they live."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from portal.kit import Account as Resident
from portal.kit import AddressProof, NotFound, clock
from services.council_tax.backoffice.client import SERVICE
from services.council_tax.queries.accounts import own_records
from services.council_tax.queries.bills import ask_account

LIVES_THERE: Final = ("liable", "joint")
"""Who pays for a home as somebody who lives in it. A landlord does not."""
MOST: Final = 5
GOOD_FOR: Final = timedelta(days=30)
"""How old the system's last answer may be while it is away."""


def address_proofs(resident: Resident) -> Sequence[AddressProof]:
    """The homes of their open accounts, as the council's system has them now, or had them not long ago."""
    found = []
    for record in [one for one in own_records(resident) if one.role in LIVES_THERE][:MOST]:
        with suppress(NotFound):  # they have left it
            answer = ask_account(resident, record.key)
            account, as_of_at = answer.value, answer.as_of_at
            if account is None or as_of_at is None or as_of_at < clock.now() - GOOD_FOR:
                continue
            if account.closed_on is None or account.closed_on > clock.today():
                home = account.property
                found.append(
                    AddressProof(
                        source=SERVICE,
                        reference=record.key,
                        uprn=home.uprn.lstrip("0"),
                        lines=home.lines,
                        postcode=home.postcode,
                        as_of_at=as_of_at,
                    )
                )
    return found
