"""Send something to a back office without waiting for it."""

from uuid import UUID

from portal.accounts.values import Account
from portal.backoffices import deliveries
from portal.backoffices.values import Delivery, Json


def deliver(
    account: Account,
    *,
    service: str,
    act: str,
    payload: Json,
    key: str,
    line: str = "",
    about: str | None = None,
    case_id: UUID | None = None,
) -> Delivery:
    """Keep `payload` for the service's back office, to be sent once the current transaction has been committed.

    Sealed at rest and erased once answered; sent at least once, under an idempotency key that follows from account,
    service and `key`; one resident's in the order in which they came. A service that sends to several systems gives
    each a `line` of its own (40 characters at most), so that one that is away holds up nothing for another. The same
    `key` again gives the delivery that is there already. `act` names a function of the manifest's `deliveries`;
    `about` the joined record that it is about (`kind:reference`): when that is let go it is not sent any more, and is
    undeliverable because it is `withdrawn`.
    """
    return deliveries.deliver(
        account.id, service=service, act=act, payload=payload, key=key, line=line, about=about, case_id=case_id
    )
